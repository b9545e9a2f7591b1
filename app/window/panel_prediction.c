/* The question card of predict-then-reveal. */
#include "app/system/number.h"
#include "panels.h"
#include "predict.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROW = 36, PAD = 18, GO_WIDTH = 112 }; /* in units of the interface */

static void keys(window_state *w) {
    ui *u = &w->ui;
    prediction *p = &w->predict;
    if (u->event->kind != EVENT_KEY || w->popup || u->field.id) return;
    for (int i = 0; i < p->answer.choice_count && !p->revealed; i++) {
        if (ui_key(u, 'a' + i, 0) || ui_key(u, 'a' + i, MODIFIER_SHIFT)) predict_choose(w, i);
    }
    if (p->revealed && ui_key(u, KEY_ENTER, 0)) predict_go_on(w);
}

/* One choice: its letter, what it says, and once revealed what leads there; at least as high as the box. */
static float draw_choice(window_state *w, int i, box b, bool draw) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    const prediction *p = &w->predict;
    const choice *c = &p->answer.choices[i];
    bool right = i == p->answer.right_choice, mine = i == p->chosen;
    const char *reason = p->revealed && !right && c->reason ? say(w, c->reason) : NULL;
    float line = ui_px(u, 36), inset = ui_px(u, 44);
    float extra = reason ? ui_paragraph(u, (point){0, 0}, b.width - inset - ui_px(u, 10), FACE_WORDS, ui_px(u, 12.5f),
                                        t->ink_soft, reason, false)
                         : 0;
    b.height = fmaxf(b.height, line + extra + (reason ? ui_px(u, 6) : 0));
    if (!draw) return b.height;
    char name[UI_NAME_SIZE], letter[2] = {(char)('A' + i), 0};
    snprintf(name, sizeof name, "choice.%d", i);
    ui_state s = ui_interact(u, name, b, !p->revealed, true);
    color edge = p->revealed && right ? t->good : p->revealed && mine ? t->warning : t->panel_line;
    draw_rect(u->list, b, ui_px(u, 8),
              (paint){.fill = s.held  ? t->control_active
                              : s.hot ? t->control_hover
                                      : t->control,
                      .stroke = edge,
                      .width = ui_px(u, p->revealed && (right || mine) ? 2 : 1)});
    ui_text(u, box_make(b.x, b.y, inset, line), ANCHOR_MIDDLE, FACE_WORDS_BOLD, ui_px(u, 15), t->ink_soft, letter);
    ui_text(u, box_make(b.x + inset, b.y, b.width - inset - ui_px(u, 34), line), ANCHOR_LEFT, FACE_MONO, ui_px(u, 16),
            t->ink, c->text);
    box mark = {b.x + b.width - ui_px(u, 30), b.y + (line - ui_px(u, 20)) / 2, ui_px(u, 20), ui_px(u, 20)};
    if (p->revealed && right)
        ui_icon(u, ICON_CHECK, mark, t->good);
    else if (p->revealed && mine)
        ui_icon(u, ICON_CLOSE, mark, t->warning);
    if (reason)
        ui_paragraph(u, (point){b.x + inset, b.y + line - ui_px(u, 4)}, b.width - inset - ui_px(u, 10), FACE_WORDS,
                     ui_px(u, 12.5f), t->ink_soft, reason, true);
    if (s.focused && u->focus_seen) ui_focus_ring(u, b, ui_px(u, 8));
    u->list->current = (tag){0};
    if (s.clicked) predict_choose(w, i);
    return b.height;
}

/* The width that every choice's letter, text and mark take. */
static float choice_width(window_state *w) {
    ui *u = &w->ui;
    const answer *a = &w->predict.answer;
    float widest = 0;
    for (int i = 0; i < a->choice_count; i++)
        widest = fmaxf(widest, ui_width(u, FACE_MONO, ui_px(u, 16), a->choices[i].text));
    return fmaxf(widest + ui_px(u, 44 + 34), ui_px(u, 190));
}

/* All beside each other or two where they fit: the card leaves room for the figure. */
static float choices(window_state *w, box b, float y, bool draw) {
    ui *u = &w->ui;
    const int count = w->predict.answer.choice_count;
    const float from = y, gap = ui_px(u, 8), least = choice_width(w) + gap;
    const int columns = b.width + gap >= least * (float)count ? count : b.width >= ui_px(u, 420) ? 2 : 1;
    const float width = (b.width - gap * (float)(columns - 1)) / (float)columns;
    for (int i = 0; i < count; i += columns) {
        const int next = i + columns < count ? i + columns : count;
        float tall = 0;
        for (int k = i; k < next; k++) tall = fmaxf(tall, draw_choice(w, k, box_make(0, 0, width, 0), false));
        for (int k = i; k < next && draw; k++)
            draw_choice(w, k, box_make(b.x + (width + gap) * (float)(k - i), y, width, tall), true);
        y += tall + gap;
    }
    return y - from;
}

static float verdict(window_state *w, box b, float y, bool draw) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    const prediction *p = &w->predict;
    char text[256];
    float from = y;
    if (p->right)
        snprintf(text, sizeof text, "%s", say(w, N_("Right.")));
    else if (p->shown)
        tr_format(w->settings.language, text, sizeof text, N_("It is {0}."), "s", p->answer.right);
    else
        tr_format(w->settings.language, text, sizeof text, N_("Not quite: it is {0}."), "s", p->answer.right);
    y += ui_paragraph(u, (point){b.x, y}, b.width, FACE_WORDS_BOLD, ui_px(u, 15),
                      p->right || p->shown ? t->good : t->warning, text, draw);
    y += ui_paragraph(u, (point){b.x, y}, b.width, FACE_MONO, ui_px(u, 13), t->ink, p->answer.explanation, draw) +
         ui_px(u, 8);
    return y - from;
}

static void score_text(window_state *w, char *text, int size) {
    char right[24], all[24];
    snprintf(right, sizeof right, "%d", w->predict.score);
    snprintf(all, sizeof all, "%d", w->predict.asked);
    tr_format(w->settings.language, text, size, N_("{0} of {1} right"), "ss", right, all);
}

static void answer_row(window_state *w, box b) {
    ui *u = &w->ui;
    prediction *p = &w->predict;
    char score[96];
    score_text(w, score, sizeof score);
    const button go = {.label = say(w, p->revealed ? N_("Go on") : N_("Skip")),
                       .look = p->revealed ? BUTTON_STRONG : BUTTON_FRAMED};
    if (ui_button(u, "predict.go", box_cut_right(&b, ui_px(u, GO_WIDTH)), &go)) predict_go_on(w);
    box_cut_right(&b, ui_px(u, 12));
    if (!p->revealed) {
        const float words = ui_width(u, FACE_WORDS, ui_px(u, 13), score) + ui_px(u, 12);
        const bool both = b.width - words >= ui_px(u, 96); /* the score stands here only beside a field of some width */
        box field = box_cut_left(&b, both ? fminf(ui_px(u, 180), b.width - words) : b.width);
        ui_answer did = ui_text_field(u, "predict.answer", field, FACE_MONO, ui_px(u, 15), p->typed,
                                      say(w, N_("or type it")), true);
        if (did == UI_COMMITTED && u->event->kind == EVENT_KEY) predict_type(w, u->field.text);
        box_cut_left(&b, ui_px(u, 12));
    }
    if (ui_width(u, FACE_WORDS, ui_px(u, 13), score) <= b.width)
        ui_text(u, b, p->revealed ? ANCHOR_LEFT : ANCHOR_RIGHT, FACE_WORDS, ui_px(u, 13), u->theme->ink_soft, score);
}

/* What the verdict leaves to the score and the way on, where it needs no line more for it; 0: they stand under it. */
static float row_beside_verdict(window_state *w, box b) {
    ui *u = &w->ui;
    char score[96];
    if (!w->predict.revealed) return 0;
    score_text(w, score, sizeof score);
    const float row = ui_width(u, FACE_WORDS, ui_px(u, 13), score) + ui_px(u, GO_WIDTH + 12 + 1);
    box left = b;
    left.width -= row + ui_px(u, 24);
    return left.width > 0 && verdict(w, left, 0, false) <= verdict(w, b, 0, false) ? row : 0;
}

/* From the question to the foot, without the rim. */
static float content_height(window_state *w, float width) {
    ui *u = &w->ui;
    const prediction *p = &w->predict;
    const box b = {0, 0, width, 0};
    const float ask =
        ui_paragraph(u, (point){0, 0}, width, FACE_WORDS_BOLD, ui_px(u, 17), u->theme->ink, p->ask, false);
    const float above = ask + ui_px(u, 8) + choices(w, b, 0, false), told = p->revealed ? verdict(w, b, 0, false) : 0;
    return above + (row_beside_verdict(w, b) > 0 ? fmaxf(told, ui_px(u, ROW)) : told + ui_px(u, ROW));
}

static float card_width(const ui *u, float stage_width) {
    return fminf(ui_px(u, 900), stage_width - ui_px(u, 24));
}

float prediction_height(window_state *w, float stage_width) {
    ui *u = &w->ui;
    if (!w->predict.on || !w->predict.asking || !w->scene_open) return 0;
    const float pad = ui_px(u, PAD);
    return 2 * pad + content_height(w, card_width(u, stage_width) - 2 * pad);
}

/* Question, choices, answer: scrolled where the window is lower than they; the way on stays in sight. */
static void card_content(window_state *w, box b, float pad) {
    ui *u = &w->ui;
    const prediction *p = &w->predict;
    const float row = ui_px(u, ROW), least = ui_px(u, 100);
    const bool whole = b.height + 1 >= 2 * pad + content_height(w, b.width - 2 * pad);
    const float beside = whole ? row_beside_verdict(w, box_inset(b, pad, 0)) : 0;
    const bool apart = beside == 0 && b.height - row - pad >= least;
    box foot = apart ? box_inset(box_cut_bottom(&b, row + pad), pad, 0) : (box){0, 0, 0, 0};
    box at = box_inset(b, pad, 0);
    ui_scroll_begin(u, "question", b, &w->scroll_question);
    float top = b.y - w->scroll_question.offset, y = top + pad;
    u->list->current = (tag){.kind = TAG_LABEL};
    y += ui_paragraph(u, (point){at.x, y}, at.width, FACE_WORDS_BOLD, ui_px(u, 17), u->theme->ink, p->ask, true) +
         ui_px(u, 8);
    y += choices(w, at, y, true);
    if (beside > 0) {
        box left = at;
        left.width -= beside + ui_px(u, 24);
        y += fmaxf(verdict(w, left, y, true) - row, 0);
        answer_row(w, box_make(at.x + at.width - beside, y, beside, row));
    } else {
        if (p->revealed) y += verdict(w, at, y, true);
        if (!apart) answer_row(w, box_make(at.x, y, at.width, row));
    }
    const float before = w->scroll_question.content;
    ui_scroll_end(u, b, &w->scroll_question, y + (apart ? 0 : row + pad) - top);
    if (p->revealed && w->scroll_question.content > before + 1) { /* the verdict has come: it is what is looked for */
        w->scroll_question.offset = w->scroll_question.content;
        u->again = true;
    }
    foot.height = row;
    if (apart) answer_row(w, foot);
}

/* "nn.Conv2d(3, 1, 3): (3, 4, 4) → ?" over the card, in the place of the figure, which would tell; the expression of a
 * long one stands in the bar alone. */
static void asked_about(window_state *w, box b) {
    ui *u = &w->ui;
    char text[1024], shape[160];
    const part *p = &state_document(w)->parts[w->predict.part];
    float size = ui_px(u, 16);
    conv_shape_text(&p->input_shape, shape, (int)sizeof shape);
    snprintf(text, sizeof text, "%s: %s \xe2\x86\x92 ?", p->expression ? p->expression : "", shape);
    if (strchr(text, '\n') || ui_width(u, FACE_MONO, size, text) > b.width)
        snprintf(text, sizeof text, "%s \xe2\x86\x92 ?", shape);
    if (ui_width(u, FACE_MONO, size, text) <= b.width)
        ui_text(u, b, ANCHOR_MIDDLE, FACE_MONO, size, u->theme->ink_soft, text);
}

/* Docked under or beside the figure, or over its middle; as high as its content where there is room. */
static box card_box(window_state *w, box stage, box dock) {
    ui *u = &w->ui;
    const bool beside = w->layout.question_beside;
    const float within = beside ? dock.width : stage.width, edge = ui_px(u, 6);
    const float width = card_width(u, within), height = prediction_height(w, within);
    if (beside)
        return box_make(roundf(dock.x + (dock.width - width) / 2), roundf(dock.y + 2 * edge), roundf(width),
                        roundf(fminf(height, dock.height - 4 * edge)));
    const float most = dock.height > 0 ? dock.height : fmaxf(stage.height - 2 * edge, fminf(height, ui_px(u, 90)));
    const float tall = fminf(height, most), y = dock.height > 0 ? dock.y : stage.y + (stage.height - tall) / 2;
    return box_make(roundf(stage.x + (stage.width - width) / 2), roundf(fmaxf(y, stage.y + edge)), roundf(width),
                    roundf(tall));
}

void panel_prediction(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    prediction *p = &w->predict;
    if (!p->on || !p->asking || !w->scene_open) return;
    predict_follow(w);
    if (!p->asking) return;
    keys(w);
    if (!p->asking) return;
    box stage = w->layout.figure, dock = w->layout.question;
    display_list *list = u->list;
    u->list = &w->regions[REGION_OVERLAY].list;
    if (stage.width < ui_px(u, 160))
        stage = box_make(0, stage.y, (float)w->width, stage.height); /* a panel covers it */
    float pad = ui_px(u, PAD), edge = ui_px(u, 6);
    bool hides = predict_hides_shape(w); /* the figure would tell */
    if (hides) draw_rect(u->list, stage, 0, paint_fill(t->background));
    box b = card_box(w, stage, dock);
    if (dock.height > 0) draw_rect(u->list, dock, 0, paint_fill(t->background));
    box over = {stage.x + edge, b.y - ui_px(u, 40), stage.width - 2 * edge, ui_px(u, 30)};
    if (hides && over.y > stage.y) asked_about(w, over);
    if (dock.height > 0)
        draw_rect(u->list, b, ui_px(u, 10),
                  (paint){.fill = t->panel, .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))});
    else
        popup_card(w, b);
    card_content(w, b, pad);
    /* The card keeps the mouse from the stage. */
    if ((u->event->kind == EVENT_PRESS || u->event->kind == EVENT_WHEEL) && ui_inside(b, u->event->at))
        u->event_used = true;
    u->list->current = (tag){0};
    u->list = list;
}
