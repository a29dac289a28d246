/** What the panel's page is told of the router. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { describeRouter } from '../panel/describe.ts';

const procedure = (type: string, ...inputs: z.core.$ZodType[]) => ({ _def: { type, inputs } });

test('every procedure is in the tree, with a schema of what a caller sends', () => {
  const router = describeRouter({
    health: procedure('query'),
    'jobs.create': procedure(
      'mutation',
      z.object({ photos: z.number().int(), key: z.string().optional() }).prefault({ photos: 1 }),
    ),
    'jobs.revoke': procedure('mutation', z.void()),
  });
  expect(router).toMatchObject({
    nodeType: 'router',
    children: {
      health: { nodeType: 'procedure', procedureType: 'query', pathFromRootRouter: ['health'] },
      jobs: {
        path: ['jobs'],
        children: {
          create: {
            procedureType: 'mutation',
            pathFromRootRouter: ['jobs', 'create'],
            inputSchema: { type: 'object', properties: { photos: { type: 'integer' } }, required: ['photos'] },
            node: {
              type: 'object',
              children: {
                photos: { type: 'number', path: ['photos'] },
                key: { type: 'string', path: ['key'], optional: true },
              },
            },
          },
          revoke: { inputSchema: { type: 'object', properties: {} } },
        },
      },
    },
  });
});

test('a union told apart by one property has a form, other unions and records only the JSON editor', () => {
  const action = z.discriminatedUnion('action', [
    z.object({ action: z.literal('tone'), value: z.enum(['warm']) }),
    z.object({ action: z.literal('remove') }),
  ]);
  const input = z.object({ action, either: z.union([z.string(), z.number()]), map: z.record(z.string(), action) });
  expect(describeRouter({ run: procedure('mutation', input) }).children.run).toMatchObject({
    node: {
      children: {
        action: {
          type: 'discriminated-union',
          discriminatorName: 'action',
          discriminatedUnionValues: ['tone', 'remove'],
        },
        either: { type: 'unsupported' },
        map: { type: 'unsupported' },
      },
    },
  });
});
