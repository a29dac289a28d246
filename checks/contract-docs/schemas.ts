/** The JSON Schemas that other languages check messages and callbacks with, made from the contract. */
import * as z from 'zod/mini';
import { callbackBatch, callbackSingle, STATUS_WORDS } from '../../server/src/contract/callback.ts';
import { OUTPUT_TYPES, queueItem, queueMessage } from '../../server/src/contract/gpu-message.ts';
import { JOB_STATUSES } from '../../server/src/contract/jobs.ts';
import { words } from './words.ts';

const item = z.extend(queueItem, {
  input_url: z.url(),
  output_url: z.url(),
  preview_url: z.url(),
  mask_urls: z.record(z.string(), z.url()),
  instances_url: z.optional(z.url()),
});
/** With what dispatch adds. A test holds it to what is really sent. */
const message = z.extend(queueMessage, {
  output_type: z.enum(OUTPUT_TYPES),
  items: z.array(item),
  callback_token: z.string(),
  callback_secret: z.string(),
});
const answer = z.object({
  success: z.literal(true),
  data: z.object({
    status: z.enum(JOB_STATUSES),
    items: z.array(z.object({ idx: z.int(), outcome: z.enum(['accepted', 'duplicate', 'ignored']) })),
  }),
  error: z.null(),
  meta: z.object({ request_id: z.string(), timestamp: z.iso.datetime() }),
});

const ALL_WORDS = Object.values(STATUS_WORDS).flat();
/** Any of the words, in any case, with blanks round it. JSON Schema has no pattern that overlooks the case. */
const STATUS = {
  pattern: `^\\s*(${ALL_WORDS.map((word) => word.replace(/./g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join('|')})\\s*$`,
  examples: ALL_WORDS,
};

export type JsonSchema = { [name: string]: unknown };

/** File name without its ending → schema. What a field means stands in words.ts; one without words is an error. */
export function schemas(): Record<string, JsonSchema> {
  return {
    'gpu-message': schemaOf(message, 'What a GPU worker is sent'),
    callback: schemaOf(z.union([callbackBatch, callbackSingle]), 'What a GPU worker reports: one result, or several'),
    'callback-answer': schemaOf(answer, 'What a callback that was taken is answered with'),
  };
}

function schemaOf(type: z.core.$ZodType, title: string): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(type, {
    io: 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      for (const [name, field] of Object.entries(jsonSchema.properties ?? {})) {
        if (typeof field !== 'object') continue;
        Object.assign(field, { description: words(name) });
        // What is read from any text has no words of its own in the schema.
        if (name === 'status' && field.enum === undefined) Object.assign(field, STATUS);
      }
    },
  }) as JsonSchema;
  return { $schema, title, ...rest };
}
