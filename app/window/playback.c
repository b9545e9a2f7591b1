#include "playback.h"
#include <math.h>

static int64_t first_taps(window_state *w) {
    int64_t count = 0;
    if (w->scene_open && w->play.first < w->scene.steps) scene_taps(&w->scene, 0, w->play.first, &count, NULL, NULL);
    return count;
}

static void make_timeline(window_state *w) {
    playback *p = &w->play;
    const document *d = state_document(w);
    int64_t steps = w->scene_open ? w->scene.steps : 0;
    p->last = d->last_step < 0 || d->last_step > steps ? steps : d->last_step;
    p->first = d->first_step < 0 ? 0 : d->first_step < p->last ? d->first_step : p->last > 0 ? p->last - 1 : 0;
    /* A picture's thousands of steps: the kernel should sweep over it, not linger at its first corner. */
    const int64_t many = 1000, picture_taps = 3;
    const double sweep = 18;
    int64_t range = p->last - p->first, taps = first_taps(w);
    bool picture = range > many;
    p->timeline = timeline_make(p->first, p->last, picture ? sweep / (double)range : 0,
                                picture && taps > picture_taps ? picture_taps : taps, w->settings.reduced_motion);
}

static void place(window_state *w, moment m) {
    w->play.at = m;
    w->play.seconds = timeline_when(&w->play.timeline, m);
    w->play.one_step = false;
}

void playback_reset(window_state *w, bool play) {
    make_timeline(w);
    place(w, (moment){w->play.first, 0});
    w->play.playing = play && w->play.last > w->play.first;
}

void playback_fit(window_state *w) {
    playback *p = &w->play;
    bool at_end = p->last > p->first && playback_at_end(w);
    moment m = p->at;
    make_timeline(w);
    if (m.step < p->first) m = (moment){p->first, 0};
    if (at_end || m.step >= p->last)
        m = (moment){p->last > p->first ? p->last - 1 : p->first, p->last > p->first ? 1 : 0};
    place(w, m);
    if (p->last <= p->first) p->playing = false;
}

int64_t playback_done(const window_state *w) {
    return w->play.at.step + (w->play.at.progress >= 1 ? 1 : 0);
}

bool playback_at_end(const window_state *w) {
    return playback_done(w) >= w->play.last;
}

static void stop_at(playback *p, int64_t step) {
    p->at = (moment){step, 1};
    p->seconds = timeline_when(&p->timeline, p->at);
    p->playing = p->one_step = false;
}

bool playback_tick(window_state *w, double seconds) {
    playback *p = &w->play;
    if (!p->playing) return false;
    moment before = p->at;
    p->seconds += seconds * w->settings.speed;
    p->at = timeline_at(&p->timeline, p->seconds);
    if (p->one_step && p->at.step > before.step) {
        stop_at(p, before.step);
    } else if (p->one_step && p->at.progress >= 1) {
        stop_at(p, p->at.step);
    } else if (p->seconds >= timeline_duration(&p->timeline)) {
        if (w->settings.loop)
            playback_reset(w, true);
        else
            stop_at(p, p->last - 1);
    }
    return true;
}

void playback_toggle(window_state *w) {
    playback *p = &w->play;
    if (p->playing && !p->one_step) {
        p->playing = false;
    } else if (playback_at_end(w)) {
        playback_reset(w, true);
    } else {
        if (p->at.progress >= 1) place(w, (moment){p->at.step + 1, 0});
        p->one_step = false;
        p->playing = p->last > p->first;
    }
}

void playback_seek(window_state *w, int64_t done) {
    playback *p = &w->play;
    if (done > p->last) done = p->last;
    p->playing = false;
    if (done <= p->first)
        place(w, (moment){p->first, 0});
    else
        place(w, (moment){done - 1, 1});
}

void playback_before(window_state *w, int64_t step) {
    playback *p = &w->play;
    p->playing = false;
    if (step >= p->first && step < p->last) place(w, (moment){step, MOMENT_ARRIVED});
}

void playback_step(window_state *w, int direction) {
    playback *p = &w->play;
    if (direction < 0) { /* back from the middle of a step: to its beginning, seen as the end of the one before */
        playback_seek(w, p->at.progress > 0 && p->at.progress < 1 ? p->at.step : playback_done(w) - 1);
        return;
    }
    if (p->playing || (p->at.progress > 0 && p->at.progress < 1)) { /* ends the step under way */
        bool stepping = p->one_step;
        playback_seek(w, p->at.step + 1);
        if (!stepping) return;
    }
    if (playback_at_end(w)) return;
    int64_t next = playback_done(w);
    if (w->settings.reduced_motion) {
        playback_seek(w, next + 1);
        return;
    }
    place(w, (moment){next, 0});
    p->one_step = p->playing = true;
}
