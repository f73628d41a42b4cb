// Coarse facts about the firm; each can be left out, and each says why it is asked.
import { choiceGroup } from '../choices.js';
import { button, h, heading, stepBar } from '../dom.js';
import { language, named, t } from '../language.js';

/** The options of a stratum in the chosen language. */
export function optionLabels(stratum) {
  return language() === 'en' && stratum.options_en.length ? stratum.options_en : stratum.options;
}

export function factsScreen(app) {
  const { strata } = app.record.answers;
  const least = app.description.at_least;
  const groups = app.questionnaire.strata.map((stratum, i) => {
    const options = optionLabels(stratum).map((label, o) => ({ label, value: o + 1 }));
    const pick = (value) => {
      strata[i] = value;
      app.save();
    };
    const hint = t('facts.reason', { name: named(stratum) });
    return choiceGroup(named(stratum), [...options, { label: t('facts.skip'), value: 0 }], strata[i], pick, { hint, kind: 'facts' });
  });
  return h(
    'div', {},
    heading(t('facts.title')), h('p', { class: 'hint' }, least > 1 ? t('facts.kept', { count: least }) : t('facts.hint')),
    ...groups,
    stepBar(button(t('back'), () => app.back()), button(t('next'), () => app.next(), 'primary')),
  );
}
