// Everything once more before it is sent; anything can be changed from here.
import { commentArea, commentBytes, lengthOver, NOT_KNOWN, tidyComment } from '../../protocol/answers.js';
import { button, h, heading, placeInPieces, stepBar } from '../dom.js';
import { dayText, named, t } from '../language.js';
import { isRated } from '../route.js';
import { optionLabels } from './screen-facts.js';

const CARDS_AT_ONCE = 8; // more than people usually rate; the others follow, some to a frame
const CARDS_IN_A_FRAME = 8;

function ratingText({ scale }, rating) {
  if (rating === NOT_KNOWN) return named(scale.not_known, 'label');
  return rating ? named(scale.levels[rating - 1], 'label') : t('review.unrated');
}

function changeButton(app, step, name) {
  const change = button(t('review.change'), () => app.change(step), 'small');
  change.setAttribute('aria-label', t('review.change.of', { name }));
  return change;
}

function listOf(pairs) {
  return h('dl', {}, pairs.map(([term, text]) => h('div', {}, h('dt', {}, term), h('dd', {}, text))));
}

function departmentCard(app, department) {
  const { questionnaire, record } = app;
  const name = named(questionnaire.departments[department]);
  const mine = record.answers.ratings[department] || [];
  const comment = tidyComment(record.answers.comments[department] || '', Infinity);
  return h(
    'section', { class: 'card' },
    h('div', { class: 'card-head' }, h('h2', {}, name), changeButton(app, `rate-${department}`, name)),
    listOf(questionnaire.items.map((item, i) => [named(item), ratingText(questionnaire, mine[i])])),
    comment && h('blockquote', {}, comment),
  );
}

function factsCard(app) {
  const { strata } = app.questionnaire;
  if (!strata.length) return null;
  const said = (stratum, i) => optionLabels(stratum)[(app.record.answers.strata[i] || 0) - 1] || t('facts.skip');
  return h(
    'section', { class: 'card' },
    h('div', { class: 'card-head' }, h('h2', {}, t('review.facts')), changeButton(app, 'facts', t('review.facts'))),
    listOf(strata.map((stratum, i) => [named(stratum), said(stratum, i)])),
  );
}

export function reviewScreen(app) {
  const cards = h('div', {});
  const screen = h(
    'div', {},
    heading(t('review.title')), h('p', { class: 'hint' }, t('review.hint')),
    cards,
    button(t('review.pick'), () => app.change('pick'), 'wide'),
    factsCard(app),
    button(t('receipt.clear'), () => app.go('erase'), 'wide'),
    app.records.lasting && h('p', { class: 'hint' }, t('review.later', { date: dayText(app.description.closes_on) })),
    // Above the bar, in which the button to go on stood: a second tap there must not submit.
    button(t('review.submit'), () => submitFrom(app), 'primary wide'),
    stepBar(button(t('back'), () => app.back())),
  );
  const pieces = app.record.answers.picked.map((department) => () => cards.append(departmentCard(app, department)));
  placeInPieces(screen, pieces, CARDS_AT_ONCE, CARDS_IN_A_FRAME);
  return screen;
}

function submitFrom(app) {
  const { questionnaire } = app;
  const { answers } = app.record;
  const long = answers.picked.find((department) => lengthOver(questionnaire, answers.comments[department]) > 0);
  if (!answers.picked.some((department) => isRated(answers, department))) app.warn(t('review.nothing'));
  else if (long !== undefined) app.warn(t('review.comment.long', { name: named(questionnaire.departments[long]) }));
  else if (commentBytes(questionnaire, answers.comments) > commentArea(questionnaire)) app.warn(t('rate.comment.full'));
  else app.answer(() => app.go('sending'));
}
