// Which screens there are and in what order; each is an entry of the browser's history.

/** The screens between collecting and submitting, for these answers. */
export function stepsOf(questionnaire, answers) {
  const rates = answers.picked.map((department) => `rate-${department}`);
  return ['pick', ...rates, ...(questionnaire.strata.length ? ['facts'] : []), 'review'];
}

export function isRated(answers, department) {
  return (answers.ratings[department] || []).some((rating) => rating > 0);
}

/** The screen after `step`; from a change made in the review, back to it by way of what is still unrated. */
export function stepAfter(questionnaire, answers, step, returning) {
  const steps = stepsOf(questionnaire, answers);
  if (!returning) return steps[steps.indexOf(step) + 1] || 'review';
  const unrated = answers.picked.find((d) => !isRated(answers, d) && `rate-${d}` !== step);
  return step === 'pick' && unrated !== undefined ? `rate-${unrated}` : 'review';
}

export function stepBefore(questionnaire, answers, step) {
  const steps = stepsOf(questionnaire, answers);
  return steps[steps.indexOf(step) - 1] || 'promise';
}

/** `wanted` where the record allows it, else the nearest screen that it does allow. */
export function allowedStep(questionnaire, record, wanted) {
  if (!record || !record.credential) {
    if (record && record.receipt) return wanted === 'promise' ? 'promise' : 'receipt';
    return ['promise', 'code'].includes(wanted) ? wanted : 'promise';
  }
  if (record.sealed) return wanted === 'promise' ? 'promise' : 'submit';
  if (wanted === 'promise' || stepsOf(questionnaire, record.answers).includes(wanted)) return wanted;
  return wanted === 'submit' ? 'review' : 'pick';
}

/** Seconds that people need, from pilot runs of similar paper forms: rounded up to minutes on the page. */
export function minutesFor(answers, questionnaire) {
  const perDepartment = 8 + 3 * questionnaire.items.length;
  return Math.max(1, Math.ceil((30 + perDepartment * answers.picked.length) / 60));
}
