/** What is thrown while settings are missing or weak. Alone in this file: whoever tells errors apart needs no bindings. */

/** Thrown when settings are missing or weak; `settings` holds their names. */
export class SettingsError extends Error {
  readonly settings: string[];
  constructor(problems: { name: string; problem: string }[]) {
    super(`settings: ${problems.map(({ name, problem }) => `${name} ${problem}`).join('; ')}`);
    this.name = 'SettingsError';
    this.settings = problems.map(({ name }) => name);
  }
}
