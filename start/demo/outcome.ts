/** What became of one photo, and whether that is what should have become of it. */
import type { Album } from './albums.ts';
import type { Figures } from './measure.ts';

/** One picture on the contact sheet, with paths relative to it. `link` is what a click opens. */
export type Shown = { caption: string; src: string; link: string };

export type Outcome = {
  album: Album;
  name: string;
  /** `refused`: the SDK looked at the bytes and sent nothing. */
  state: 'done' | 'failed' | 'refused';
  /** Why it is not done, in the words of the SDK or the GPU worker. */
  reason: string | null;
  /** What the rule names and the GPU worker did not find in the photo, with its reason where it gives one. */
  notFound: { concept: string; reason: string | null }[];
  figures: Figures | null;
  pictures: Shown[];
  /** Named by --expect-failed. */
  expectedToFail: boolean;
  /** What is wrong; empty when the photo came out as it should. */
  problems: string[];
};

/** A target of which less than this changed counts as untouched. */
const MIN_CHANGED = 0.01;

export function problemsOf(outcome: Omit<Outcome, 'problems'>): string[] {
  const { state, figures, expectedToFail } = outcome;
  if (state !== 'done') return expectedToFail ? [] : [outcome.reason ?? state];
  if (expectedToFail) return ['came out, though it was expected to fail'];
  if (!figures) return ['could not be measured'];
  const problems: string[] = [];
  if (figures.changedProtected > 0)
    problems.push(`${figures.changedProtected} pixels changed inside what is protected`);
  if (figures.changedOutside > figures.changedProtected) {
    problems.push(`${figures.changedOutside - figures.changedProtected} pixels changed outside the target`);
  }
  if (figures.target === 0) problems.push('nothing to change was found');
  else if (figures.changed < MIN_CHANGED) problems.push('the target did not change');
  return problems;
}
