// The plaintext of a ballot: one encoding of given answers, one size for every ballot of a round.
import { utf8 } from './bytes.js';
import { ProtocolError } from './errors.js';

export const NOT_KNOWN = 255;

/** A comment as it is sent: NFC, no control characters but line feed, no white space at the ends. */
export function tidyComment(text, limit) {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\n\P{Cc}]|\p{Cs}/gu, '')
    .normalize('NFC')
    .trim();
  return [...clean].slice(0, limit).join('').trim();
}

/** How many characters a comment has more than the questionnaire takes; negative while there is room. */
export function lengthOver(questionnaire, text = '') {
  return [...tidyComment(text, Infinity)].length - questionnaire.comment_chars;
}

export function commentArea(questionnaire) {
  return questionnaire.comments ? questionnaire.comment_bytes : 0;
}

function tidyComments(questionnaire, comments) {
  const tidied = [];
  for (let department = 0; department < questionnaire.departments.length; department += 1) {
    const text = tidyComment(comments[department] || '', questionnaire.comment_chars);
    if (questionnaire.comments && text) tidied.push({ department, bytes: utf8(text) });
  }
  return tidied;
}

/** Bytes that the comments take of the questionnaire's comment area. */
export function commentBytes(questionnaire, comments) {
  return tidyComments(questionnaire, comments).reduce((sum, { bytes }) => sum + 4 + bytes.length, 0);
}

/**
 * @param questionnaire as in the round's description.
 * @param {{ratings: Object<number, number[]>, comments: Object<number, string>, strata: number[]}} answers
 *   ratings by department index: 0 not rated, 1… the level from the best, 255 不了解.
 * @returns {Uint8Array} of the round's one plaintext size.
 */
export function encodeAnswers(questionnaire, { ratings, comments, strata }) {
  const { departments, items } = questionnaire;
  const answered = departments.length * items.length;
  const comment = tidyComments(questionnaire, comments);
  const start = 3 + answered + questionnaire.strata.length;
  const plaintext = new Uint8Array(start + commentArea(questionnaire));
  if (commentBytes(questionnaire, comments) > commentArea(questionnaire)) {
    throw new ProtocolError('comments_too_long');
  }
  plaintext[0] = 1;
  departments.forEach((_, d) => plaintext.set((ratings[d] || []).slice(0, items.length), 1 + d * items.length));
  plaintext.set(strata.slice(0, questionnaire.strata.length), 1 + answered);
  const view = new DataView(plaintext.buffer);
  view.setUint16(start - 2, comment.length);
  let at = start;
  for (const { department, bytes } of comment) {
    view.setUint16(at, department);
    view.setUint16(at + 2, bytes.length);
    plaintext.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  return plaintext;
}
