/** Mistakes with jobs whose page was left, and with files that are not there any more. */
import type { Bug } from '../bug.ts';

const test = (name: string): string => `client-sdk/test/${name}.test.ts`;
const LEFT = 'client-sdk/src/job/left.ts';

export const LEFT_JOBS: Bug[] = [
  {
    name: 'a page that ends before its create is answered leaves a job that nobody knows',
    file: 'client-sdk/src/job/creating.ts',
    find: '    await saved.keep(key, { ...todo, create, at: clock.now() });\n',
    replace: '',
    tests: [test('lost-create')],
  },
  {
    name: 'whoever asks what was left makes the job that a lost create never made',
    file: LEFT,
    find: "if (!isS3Error(error, 'IDEMPOTENCY_CONFLICT')) throw error;\n    });",
    replace: "if (isS3Error(error, 'INVALID_FILE')) throw error;\n    });",
    tests: [test('lost-create')],
  },
  {
    name: 'a create that never arrived is asked after for ever',
    file: LEFT,
    find: '    if (clock.now() - at > CREATE_MS && isS3Error(error) && !error.retryable) await saved.forget(keptAs);\n',
    replace: '',
    tests: [test('lost-create')],
  },
  {
    name: 'a run that waits for a file that is gone can not be called off',
    file: 'client-sdk/src/job/job-run.ts',
    find: 'await Promise.race([this.#follow(jobIdIn(this.store), null), this.#bringing.missing(prints, error.data.files)]);',
    replace: 'await this.#bringing.missing(prints, error.data.files);',
    tests: [test('changed-files')],
  },
  {
    name: 'Apply without the file that is gone goes on waiting for it',
    file: 'client-sdk/src/react/use-run.ts',
    find: '        if (!isWithout) return current;\n',
    replace: '        if (current) return current;\n',
    tests: [test('react/vanished')],
  },
  {
    name: 'the URLs of a photo that takes hours are asked for when it is there',
    file: 'client-sdk/src/upload/upload.ts',
    find: '            urls.of(photo.index).catch((error) => error.retryable || reject(error));\n',
    replace: '',
    tests: [test('slow-line')],
  },
];
