// The page's one object: what is known, what is kept, and how to get from screen to screen.
import { splitCode } from '../protocol/crockford.js';
import { painted, replaceChildrenOf } from './dom.js';
import { t } from './language.js';
import { openRecords, standingOf } from './records.js';
import { allowedStep, stepAfter, stepBefore, stepsOf } from './route.js';
import { codeScreen } from './screens/screen-code.js';
import { openScreen } from './screens/screen-open.js';
import { clearedScreen, problemScreen } from './screens/screen-problem.js';
import { addScreens, screenOf } from './screens/screens.js';

addScreens({ code: codeScreen, cleared: clearedScreen });

// Reached by what this page does just now, never by history or reload.
const UNGUARDED = ['collecting', 'cleared', 'sending', 'erase', 'old', 'after'];
const READ = 500; // ms for which a new screen is looked at before it takes a tap: the second one of a double tap

export class App {
  constructor(description) {
    this.description = description;
    this.questionnaire = description.questionnaire;
    this.records = openRecords(description.id);
    this.slot = null;
    this.record = null;
    this.step = 'promise';
    this.returning = false;
    this.problem = '';
    this.checkNumber = '';
    this.pin = '';
    this.live = document.getElementById('live');
    this.stage = document.getElementById('stage');
    this.home = document.getElementById('home');
    this.screens = 0;
    this.tapBegan = null;
    this.guardTaps();
  }

  /** A tap counts for the screen on which it began; a screen without a finger's `pointerdown` was meant by a screen reader. */
  guardTaps() {
    const all = this.stage.parentElement;
    document.addEventListener('pointerdown', () => {
      const fresh = all.classList.contains('fresh');
      this.tapBegan = fresh ? 'too early' : this.screens;
      if (fresh) this.uncover(); // who taps on and on has not read it yet
    }, true);
    document.addEventListener('pointercancel', () => { this.tapBegan = null; }, true);
    document.addEventListener('click', (event) => {
      const early = this.tapBegan !== null && this.tapBegan !== this.screens;
      this.tapBegan = null;
      if (!event.detail || !early) return; // a key has no detail
      event.preventDefault();
      event.stopImmediatePropagation();
    }, true);
  }

  /** Cover a new screen until it was painted and could be read. */
  async cover() {
    const screen = (this.screens += 1);
    clearTimeout(this.covered);
    this.stage.parentElement.classList.add('fresh');
    await painted();
    if (this.screens === screen) this.uncover();
  }

  /** Take taps when none came for a while. */
  uncover() {
    clearTimeout(this.covered);
    this.covered = setTimeout(() => this.stage.parentElement.classList.remove('fresh'), READ);
  }

  open(slot) {
    this.slot = slot;
    this.record = slot ? this.records.read(slot) : null;
  }

  save() {
    if (!this.record) return;
    if (this.records.overtaken(this.slot, this.record)) {
      this.follow();
      return;
    }
    const saved = this.records.write(this.slot, this.record);
    const line = document.getElementById('saved');
    const text = t(saved ? 'saved' : 'unsaved');
    if (line.textContent !== text) line.textContent = text; // the same text again would cost a layout
  }

  /** Another tab of this phone has gone on with this record, or cleared it: so does this one. */
  follow() {
    // While collecting and sending each tab looks for itself.
    if (!this.slot || !this.record || ['collecting', 'sending'].includes(this.step)) return;
    const other = this.records.read(this.slot);
    if (JSON.stringify(other) === JSON.stringify(this.record)) return;
    this.record = other;
    if (!other) this.replace('cleared');
    else if (this.step !== 'promise') this.replace(standingOf(other) === 'receipt' ? 'receipt' : other.at);
  }

  /** Show `step` as a new entry of the browser's history. */
  go(step, returning = false) {
    const depth = ((history.state && history.state.depth) || 0) + 1;
    history.pushState({ step, returning, depth, slot: this.slot }, '', location.pathname + location.search + location.hash);
    this.show(step, returning);
  }

  /** Let a tap be seen before the screen it asks for is drawn; a second tap meanwhile asks for nothing. */
  async answer(move) {
    const all = this.stage.parentElement;
    if (all.hasAttribute('aria-busy')) return;
    const from = this.step;
    all.setAttribute('aria-busy', 'true');
    await painted();
    all.removeAttribute('aria-busy');
    if (this.step === from) move();
  }

  next() {
    this.answer(() => this.go(stepAfter(this.questionnaire, this.record.answers, this.step, this.returning), this.returning));
  }

  change(step) {
    this.answer(() => this.go(step, true));
  }

  back() {
    this.answer(() => {
      if (history.state && history.state.depth) history.back();
      else this.replace(this.record ? stepBefore(this.questionnaire, this.record.answers, this.step) : 'promise');
    });
  }

  replace(step) {
    const depth = (history.state && history.state.depth) || 0;
    history.replaceState({ step, returning: false, depth, slot: this.slot }, '', location.pathname + location.search + location.hash);
    this.show(step);
  }

  /** What history or a reload asks for: a screen that acts by itself is not entered that way. */
  arriveAt(wanted, returning) {
    this.show(UNGUARDED.includes(wanted) ? 'submit' : wanted, returning);
  }

  show(wanted, returning = false) {
    this.problem = '';
    this.step = UNGUARDED.includes(wanted) ? wanted : allowedStep(this.questionnaire, this.record, wanted);
    this.returning = returning && this.step !== 'review';
    if (this.record && this.record.credential && this.step !== 'promise' && !UNGUARDED.includes(this.step) && this.record.at !== this.step) {
      this.record.at = this.step;
      this.save();
    }
    this.draw(true);
  }

  /** Draw the present screen again, for instance in another language. */
  draw(moved = false) {
    const atHome = this.step === 'promise' && !this.problem;
    this.home.hidden = !atHome;
    this.stage.hidden = atHome;
    this.live.textContent = '';
    replaceChildrenOf(this.stage, atHome ? null : this.screen());
    this.drawProgress();
    if (moved) this.arrive();
  }

  screen() {
    if (this.problem) return problemScreen(this, this.problem);
    return (screenOf(this.step) || openScreen)(this);
  }

  drawProgress() {
    const progress = document.getElementById('progress');
    const steps = this.record && this.record.answers ? stepsOf(this.questionnaire, this.record.answers) : [];
    const at = this.problem ? -1 : steps.indexOf(this.step);
    progress.hidden = at < 0;
    if (at < 0) return;
    const text = t('step', { n: at + 1, total: steps.length });
    progress.setAttribute('aria-label', text);
    progress.max = steps.length;
    progress.value = at + 1;
  }

  arrive() {
    if (this.screens || this.step !== 'promise') this.cover(); // nobody taps before there is a page
    window.scrollTo(0, 0);
    const title = (this.home.hidden ? this.stage : this.home).querySelector('h1');
    if (title) title.focus({ preventScroll: true });
  }

  /** Say something that needs attention, on the screen and to a screen reader. */
  warn(text) {
    this.live.textContent = text;
    this.live.className = 'toast';
    clearTimeout(this.warned);
    this.warned = setTimeout(() => { this.live.className = 'toast gone'; }, 8000);
  }

  fail(error) {
    this.problem = error.code || 'malformed';
    this.draw(true);
  }

  /** "Try again" on the page of a problem that may have passed. */
  recover() {
    if (this.step === 'collecting') this.collect(this.found);
    else this.show(this.step);
  }

  /** Whether this page describes another round than the link that led here, or than `record` was collected for. */
  exchanged(record) {
    return [this.pin, record && record.check].some((known) => known && known !== this.checkNumber);
  }

  /** `found` is what `findCode` found: a code, and the 核对号 where one is behind it. */
  collect(found) {
    [this.code, this.pin] = splitCode(found);
    this.found = found;
    this.show('collecting');
  }

  /** The credential of this slot is there. */
  enter(slot, record) {
    this.slot = slot;
    this.record = record;
    history.replaceState({ ...history.state, slot }, '', location.pathname); // the code leaves the address
    this.go(record.receipt ? 'receipt' : record.at || 'pick');
  }

  /** A record stands under the code's old name, and nothing says whose it is. */
  askAboutOld(slot, old) {
    this.oldRecord = [slot, old];
    this.show('old');
  }

  stopCollecting() {
    if (!this.collecting) return;
    this.collecting.stopped = true;
    if (this.collecting.wake) this.collecting.wake();
    this.collecting = null;
  }

  /** Leave this record as it is, and go on as somebody else. */
  leave() {
    this.slot = null;
    this.record = null;
    document.getElementById('saved').textContent = '';
    this.go('code');
  }

  /** The ballot is in: answers and credential leave this phone, the receipt stays until it is cleared. */
  finish(record) {
    this.record = record;
    if (this.interview) this.records.clear(this.slot);
    else this.save();
    document.getElementById('saved').textContent = '';
    this.replace('receipt');
  }

  clear() {
    this.records.clear(this.slot);
    this.record = null;
    this.slot = null;
    document.getElementById('saved').textContent = '';
    this.replace('cleared');
  }
}
