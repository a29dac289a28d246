/** What is fetched of a job, file by file. */
import type { Case } from '../env.ts';
import { equal, ok, until } from '../expect.ts';
import { dispatched, newUser } from '../steps.ts';

export const fileCases: Case[] = [
  {
    name: 'the files of a job are fetched under names of the asker’s own, whatever is in these; what is not there has no URL',
    async run(env) {
      const user = await newUser(env);
      const jobId = await dispatched(env, user, 2);
      await env.control.done(jobId, 0);
      await env.control.fail(jobId, 1, 'too dark');
      await until(
        () => user.client.jobs.get({ jobId }),
        ({ charged }) => charged !== null,
        'the end of the job',
      );
      const name = '거실 (1)\'s "새" & 50%.png';
      const files = [
        { idx: 0, name },
        { idx: 0, kind: 'preview', name: 'small.jpg' },
        { idx: 1, kind: 'original', name: 'b.jpg' },
        { idx: 1, name: 'failed.png' },
        { idx: 199, kind: 'original' },
        { idx: 0 },
      ] as const;
      const { urls, expiresAt } = await user.client.jobs.downloads({ jobId, files: [...files] });
      equal(
        urls.map((url) => url !== null),
        [true, true, true, false, false, true],
        'which have a URL',
      );
      ok(expiresAt.getTime() > Date.now(), 'a time at which they end');
      const names = [];
      for (const url of urls) {
        if (url === null) continue;
        const answer = await env.fetch(url);
        await answer.arrayBuffer();
        equal(answer.status, 200, 'a file');
        const [, encoded] =
          /^attachment; filename\*=UTF-8''([^ ;"]+)$/.exec(answer.headers.get('content-disposition') ?? '') ?? [];
        names.push(encoded === undefined ? null : decodeURIComponent(encoded));
      }
      equal(names, [name, 'small.jpg', 'b.jpg', null], 'names');
      const changed = (urls[0] ?? '').replace('png', 'exe');
      ok(changed !== urls[0] && !(await env.fetch(changed).catch(() => ({ ok: false }))).ok, 'a name that was changed');
    },
  },
];
