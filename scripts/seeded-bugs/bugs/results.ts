/** Mistakes about what comes back: in which format, and how it is told. */
import { type Bug, queue } from '../bug.ts';

export const RESULTS: Bug[] = [
  {
    name: 'every result is signed for as PNG',
    file: 'server/src/gpu/message.ts',
    find: 'put(item.output_key, message.output_type)',
    replace: "put(item.output_key, 'image/png')",
    tests: [queue('format')],
  },
  {
    name: 'the queue is not told which format was asked for',
    file: 'server/src/queue/producer.ts',
    find: 'outputTypeOf(formatOf(job.choice))',
    replace: 'outputTypeOf(formatOf({}))',
    tests: [queue('format')],
  },
  {
    name: 'a message of the release before is no message any more',
    file: 'server/src/contract/gpu-message.ts',
    find: "z._default(z.enum(OUTPUT_TYPES), 'image/png')",
    replace: 'z.enum(OUTPUT_TYPES)',
    tests: [queue('format')],
  },
  {
    name: 'the same choice in another format is the same execution',
    file: 'server/src/domain/presets.ts',
    find: "  return ok(format === 'png' ? choice : { ...choice, format });",
    replace: "  return ok(format === 'webp' ? { ...choice, format } : choice);",
    tests: [queue('format')],
  },
  {
    name: 'history forgets the format',
    file: 'server/src/db/job-history.ts',
    find: 'const params = { outputTemplate, ...(format === undefined ? {} : { format }), from',
    replace: 'const params = { outputTemplate, from',
    tests: [queue('format')],
  },
];
