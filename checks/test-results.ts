/**
 * A reporter for Vitest that writes what checks/test.ts counts. It also ends a run whose tests are all over and that does not end by
 * itself: now and then Vitest waits for ever for a workerd that it has finished with.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter, SerializedError, TestModule, TestSpecification } from 'vitest/node';
import { GENERATED } from '../start/paths.ts';

/** Names, in the environment of Vitest, the file that a run's results go to. */
export const RESULTS_VARIABLE = 'S3_TEST_RESULTS';
/** How long Vitest may take to put its workers away: a second, as a rule. */
const PATIENCE_MS = 30_000;

export type ModuleResult = {
  /** Path of the file from the root of the project. */
  file: string;
  project: string;
  ms: number;
  /** Whether tests of it could not even be collected, or something beside them failed. */
  broken: boolean;
  tests: { name: string; state: 'passed' | 'failed' | 'skipped' }[];
};
export type RunResults = { modules: ModuleResult[]; errors: string[]; ended: boolean };

/** What is read of a module that has ended. */
export type EndedModule = Pick<TestModule, 'relativeModuleId'> & {
  project: Pick<TestModule['project'], 'name'>;
  diagnostic(): Pick<ReturnType<TestModule['diagnostic']>, 'duration'>;
  state(): string;
  children: {
    allTests(): Iterable<{ fullName: string; result(): { state: 'passed' | 'failed' | 'skipped' | 'pending' } }>;
  };
};

const messageOf = (error: unknown): string =>
  error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
    ? String(error.message)
    : String(error);

export default class TestResults implements Reporter {
  readonly #modules = new Map<string, ModuleResult>();
  readonly #giveUp: (code: number) => void;
  readonly #write: (results: RunResults) => void;
  #expected = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param _options what Vitest makes every reporter with */
  constructor(
    _options: object = {},
    giveUp: (code: number) => void = (code) => process.exit(code),
    write: (results: RunResults) => void = writeResults,
  ) {
    this.#giveUp = giveUp;
    this.#write = write;
  }

  onTestRunStart(specifications: readonly Pick<TestSpecification, 'moduleId'>[]): void {
    this.#expected = specifications.length;
  }

  onTestModuleEnd(module: EndedModule): void {
    const result = resultOf(module);
    this.#modules.set(`${result.project} ${result.file}`, result);
    if (this.#modules.size < this.#expected) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#cutShort(), PATIENCE_MS);
  }

  onTestRunEnd(_modules: readonly EndedModule[], errors: readonly SerializedError[]): void {
    clearTimeout(this.#timer);
    this.#write({ modules: [...this.#modules.values()], errors: errors.map(messageOf), ended: true });
  }

  #cutShort(): void {
    const modules = [...this.#modules.values()];
    this.#write({ modules, errors: [], ended: false });
    const bad = modules.some(({ broken, tests }) => broken || tests.some(({ state }) => state === 'failed'));
    this.#giveUp(bad ? 1 : 0);
  }
}

function resultOf(module: EndedModule): ModuleResult {
  const tests = [...module.children.allTests()].map((test) => {
    const { state } = test.result();
    // What was begun and never came to an end has not passed.
    return { name: test.fullName, state: state === 'pending' ? ('failed' as const) : state };
  });
  return {
    file: module.relativeModuleId,
    project: module.project.name,
    ms: Math.round(module.diagnostic().duration),
    broken: module.state() === 'failed' && !tests.some(({ state }) => state === 'failed'),
    tests,
  };
}

function writeResults(results: RunResults): void {
  const file = process.env[RESULTS_VARIABLE] ?? path.join(GENERATED, 'test-results.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(results));
}
