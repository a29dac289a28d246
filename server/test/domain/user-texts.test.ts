/** Texts that users give: refused when they hold half of a character, or nothing to see. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromSchema, type Json } from '../../../proving/fuzz/arbitrary/from-schema.ts';
import { grantCreditsInput } from '../../src/contract/admin.ts';
import { anonInput } from '../../src/contract/auth.ts';
import { ruleCreateInput, ruleUpdateInput } from '../../src/contract/rules.ts';
import { isVisible } from '../../src/contract/text.ts';
import { appRouter } from '../../src/rpc/router.ts';
import { refusalOf } from '../../src/wire/refusal-of.ts';
import { inputsOf } from './procedures.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('a text with nothing to see', () => {
  const NOTHING = [
    ' ',
    '\t\n',
    '\u200b',
    '\u200d\u200c\u2060',
    '\u202e\u2066\u2069',
    '\u3164',
    '\uffa0',
    '\u115f\u1160',
    '\u2800',
    '\u180e',
    '\u00ad',
    '\ufe0f',
    '\u0301\u0489',
    '\ufeff',
    '\u{e0041}\u{e007f}',
    '\u{1d159}',
    '\0\u0085',
    '\ufffe',
    '\u3000\u00a0',
  ];
  const fieldOf = (parsed: { success: boolean; error?: unknown }) => {
    expect(parsed.success).toBe(false);
    const { details } = refusalOf(parsed.error);
    return (details as { field: string }).field;
  };
  const choice = { concepts: { Wall: { action: 'remove' } } };

  test.for(NOTHING)('%j names no rule, no device, and no reason of a grant', (nothing) => {
    for (const name of [nothing, nothing.repeat(7)]) {
      expect(isVisible(name)).toBe(false);
      expect(fieldOf(ruleCreateInput.safeParse({ name, presetId: 'interior', ...choice }))).toBe('name');
      expect(fieldOf(ruleUpdateInput.safeParse({ id: 'rul_1', name }))).toBe('name');
      expect(fieldOf(anonInput.safeParse({ deviceHash: name }))).toBe('deviceHash');
      const grant = { userId: 'usr_1', amount: 1, idempotencyKey: 'grant-key', reason: name };
      expect(fieldOf(grantCreditsInput.safeParse(grant))).toBe('reason');
    }
  });

  test.for([
    'a',
    '한',
    '거실 \u200b',
    '👍🏽',
    FAMILY,
    '\u200eא',
    'e\u0301',
    '1\ufe0f\u20e3',
    '.',
    '𠮷',
    'ก็',
  ])('%j is not one', (name) => {
    expect(ruleCreateInput.safeParse({ name, presetId: 'interior', ...choice }).success).toBe(true);
  });
});

describe('half of a character', () => {
  /** The value with one put at the nth of its texts, names of fields included, and where that stands. */
  function spoil(value: Json, nth: number): { spoilt: Json; field: string } | null {
    let left = nth;
    let field: string | null = null;
    const walk = (part: Json, at: string): Json => {
      if (typeof part === 'string') {
        if (left-- !== 0) return part;
        field = at;
        return `${part}\ud83d`;
      }
      if (Array.isArray(part)) return part.map((inner, index) => walk(inner, `${at}[${index}]`));
      if (part === null || typeof part !== 'object') return part;
      return Object.fromEntries(
        Object.entries(part).map(([name, inner]) => [name, walk(inner, at === '' ? name : `${at}.${name}`)]),
      );
    };
    const spoilt = walk(value, '');
    return field === null ? null : { spoilt, field };
  }

  test.for(
    inputsOf(appRouter).filter(([, schema]) => schema._zod.def.type !== 'void'),
  )('is refused by the name of its field, wherever %s takes a text', ([, schema]) => {
    const fits = (value: Json) => schema.safeParse(value).success;
    fc.assert(
      fc.property(
        fromSchema(schema).filter((value) => value !== undefined && fits(value)),
        fc.nat(8),
        (value, nth) => {
          const made = spoil(value ?? null, nth);
          if (made === null) return;
          const parsed = schema.safeParse(made.spoilt);
          expect(parsed.success).toBe(false);
          const { message, details } = refusalOf(parsed.error);
          expect(message.isWellFormed()).toBe(true);
          expect((details as { field: string }).field).toBe(made.field);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('in the name of a concept or of a field is refused, and not repeated', () => {
    for (const concepts of [{ 'Wall\ud83d': { action: 'remove' } }, { Wall: { action: 'remove', '\ude00': 1 } }]) {
      const parsed = ruleCreateInput.safeParse({ name: 'Oak', presetId: 'interior', concepts });
      expect(parsed.success).toBe(false);
      const refusal = refusalOf(parsed.error);
      expect(refusal).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { field: expect.stringContaining('concepts') },
      });
      expect(JSON.stringify(refusal)).not.toMatch(/\\ud[89a-f]/i);
    }
  });
});
