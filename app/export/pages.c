/* PDF: one page, or one for each step. */
#include "app/surface/pdf.h"
#include "output.h"

bool output_pages(const export_plan *plan, painter *first, failure *f) {
    file_writer out = {.fd = -1};
    pdf_writer *w = NULL;
    moment still = export_still(plan);
    bool each = plan->settings->steps_given && !plan->sheet;
    int64_t count = each ? plan->time.last - plan->time.first : 1;
    if (!file_create(&out, plan->settings->output, f)) return false;
    bool ok = pdf_begin(&w, &out, plan->typefaces, f) && output_progress(plan, 0, count, f);
    for (int64_t k = 0; ok && k < count; k++) {
        moment m = each ? (moment){plan->time.first + k, 1} : still;
        ok = painter_list(first, m, f) && pdf_page(w, &first->list, plan->scale, f) &&
             output_progress(plan, k + 1, count, f);
    }
    if (ok)
        ok = pdf_end(w, f);
    else
        pdf_abandon(w);
    if (ok) return file_commit(&out, f);
    file_abandon(&out);
    return false;
}
