/** What is changed and what is protected, as it is put together. */
import type { Preset, Rule } from '@s3-workers/client-sdk';
import { expect, test } from 'vitest';
import { type Choice, choiceOf, isAs, protectOf, withConcept, withProtect } from '../src/change/choice.ts';

const named = (id: string) => ({ id, name: { en: id, ko: id } });
const preset: Preset = {
  id: 'interior',
  name: { en: 'Interior', ko: '인테리어' },
  concepts: ['Wall', 'Floor', 'Grout'].map(named),
  protectOnly: [named('Glass_highlight')],
  protectByDefault: ['Grout', 'Glass_highlight'],
  palette: [{ ...named('oak'), hex: '#C8A27A' }],
  outputTemplates: [],
};
const nothing: Choice = { concepts: {}, protect: null, ruleId: null };
const oak = { action: 'recolor', value: 'oak' } as const;

test('the protects of the preset hold until somebody says otherwise, but for what is changed', () => {
  expect(protectOf(nothing, preset)).toEqual(['Grout', 'Glass_highlight']);
  expect(protectOf(withConcept(nothing, 'Grout', oak), preset)).toEqual(['Glass_highlight']);
});

test('what is changed is no longer protected, and what is protected no longer changed', () => {
  const wall = withProtect(nothing, preset, 'Wall', true);
  expect(protectOf(wall, preset)).toContain('Wall');
  const changed = withConcept(wall, 'Wall', oak);
  expect(protectOf(changed, preset)).not.toContain('Wall');
  const back = withProtect(changed, preset, 'Wall', true);
  expect(back.concepts).toEqual({});
  expect(protectOf(back, preset)).toContain('Wall');
});

test('a change that is changed stays in its place, and one that is taken back is gone', () => {
  const two = withConcept(withConcept(nothing, 'Wall', oak), 'Floor', oak);
  const other = withConcept(two, 'Wall', { action: 'remove' });
  expect(Object.keys(other.concepts)).toEqual(['Wall', 'Floor']);
  expect(withConcept(other, 'Wall', null).concepts).toEqual({ Floor: oak });
});

test('a choice is as its rule whatever the order, until something of it is changed', () => {
  const rule: Rule = {
    ...{ id: 'r', name: 'Oak', presetId: 'interior', createdAt: new Date(), updatedAt: new Date() },
    concepts: { Wall: { action: 'recolor', value: '#c8a27a' }, Floor: { action: 'tone', value: 'warm' } },
    protect: ['Grout', 'Glass_highlight'],
  };
  const choice = choiceOf(rule, preset);
  expect(choice.ruleId).toBe('r');
  expect(choice.concepts.Wall).toEqual(oak);
  expect(isAs(choice, preset, rule)).toBe(true);
  const turned = { ...choice, concepts: { Floor: rule.concepts.Floor!, Wall: oak }, protect: null };
  expect(isAs(turned, preset, rule)).toBe(true);
  expect(isAs(withConcept(choice, 'Floor', { action: 'tone', value: 'cool' }), preset, rule)).toBe(false);
  expect(isAs(withProtect(choice, preset, 'Grout', false), preset, rule)).toBe(false);
});
