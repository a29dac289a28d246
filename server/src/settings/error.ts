/** What is thrown while settings are missing, weak or contradict each other. Alone in this file: whoever tells errors apart needs no bindings. */

/** `other` is the setting that `name` does not fit to, when it is not wrong by itself. */
export type Problem = { name: string; other?: string; problem: string };

/** Thrown when settings are missing, weak or contradict each other; `settings` holds their names. */
export class SettingsError extends Error {
  readonly settings: string[];
  constructor(problems: Problem[]) {
    super(`settings: ${problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')}`);
    this.name = 'SettingsError';
    this.settings = [...new Set(problems.flatMap(({ name, other }) => (other === undefined ? [name] : [name, other])))];
  }
}
