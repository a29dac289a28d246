/** Presets: what the contract lists is what is there, and a choice that does not fit is refused by the name of its field. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conceptMap } from '../../src/contract/concepts.ts';
import { PRESET_IDS, PRESETS, type PresetId } from '../../src/contract/presets.ts';
import { type ChoiceInput, chooseFor, viewOf } from '../../src/domain/presets.ts';

const recolor = (value: string) => ({ action: 'recolor' as const, value });
const floor = (value: string): ChoiceInput => ({ concepts: { Floor: recolor(value) } });

function chosen(preset: PresetId, input: ChoiceInput) {
  const choice = chooseFor(preset, input);
  if (!choice.ok) throw new Error(choice.refusal.message);
  return choice.value;
}

/** The field that a refusal names; null when the choice was taken. */
function fieldOf(preset: PresetId, input: ChoiceInput): string | null {
  const choice = chooseFor(preset, input);
  if (choice.ok) return null;
  if (choice.refusal.code !== 'VALIDATION_ERROR') throw new Error(choice.refusal.code);
  return choice.refusal.details.field;
}

describe('the presets of the contract', () => {
  test('interior', () => {
    const view = viewOf('interior');
    expect(view.concepts.map(({ id }) => id).join(' ')).toBe(
      'Wall Floor Ceiling Window Door Frame_Molding Tile Grout Cabinet Countertop Light Handle',
    );
    expect(view.protectOnly.map(({ id }) => id)).toEqual(['Glass_highlight']);
    expect(view.protectByDefault).toEqual(['Grout', 'Frame_Molding', 'Glass_highlight']);
    expect(view.outputTemplates.map(({ id }) => id)).toEqual(['three-variant-pack', 'before-after', 'client-card']);
  });

  test('seller', () => {
    const view = viewOf('seller');
    expect(view.concepts.map(({ id }) => id).join(' ')).toBe('Body Label_Text Logo Gloss Parts Accessories');
    expect(view.protectOnly).toEqual([]);
    expect(view.protectByDefault).toEqual(['Label_Text', 'Logo', 'Gloss']);
    expect(view.outputTemplates.map(({ id }) => id)).toEqual(['product-pack', 'option-board', 'eight-thumbnails']);
  });

  test.each(PRESET_IDS)('everything in %s has a name in Korean and in English', (preset) => {
    const { concepts, protectOnly, palette, outputTemplates, name } = viewOf(preset);
    const names = [name, ...[concepts, protectOnly, palette, outputTemplates].flat().map((thing) => thing.name)];
    for (const { en, ko } of names) {
      expect(en).toMatch(/^[A-Z][A-Za-z -]+$/);
      expect(ko).toMatch(/[가-힣]/);
    }
  });

  test.each(PRESET_IDS)('the colours of %s are #RRGGBB in capitals, each once', (preset) => {
    const hexes = viewOf(preset).palette.map(({ hex }) => hex);
    for (const hex of hexes) expect(hex).toMatch(/^#[0-9A-F]{6}$/);
    expect(new Set(hexes).size).toBe(hexes.length);
  });
});

describe('a colour', () => {
  test.each(PRESET_IDS)('of the palette of %s goes to the GPU worker as #RRGGBB', (preset) => {
    const [concept = ''] = Object.keys(PRESETS[preset].concepts);
    for (const [name, { hex }] of Object.entries(PRESETS[preset].palette)) {
      expect(chosen(preset, { concepts: { [concept]: recolor(name) } }).concepts).toEqual({ [concept]: recolor(hex) });
    }
  });

  test('as #RRGGBB is taken in any case, and passed on in capitals', () => {
    const hex = fc.stringMatching(/^#[0-9a-fA-F]{6}$/);
    fc.assert(
      fc.property(hex, (value) => {
        expect(chosen('interior', floor(value)).concepts).toEqual({ Floor: recolor(value.toUpperCase()) });
      }),
    );
  });

  test('of any other text is refused by the name of its field', () => {
    const palette = Object.keys(PRESETS.interior.palette);
    const text = fc.string().filter((value) => !/^#[0-9a-fA-F]{6}$/.test(value) && !palette.includes(value));
    fc.assert(
      fc.property(text, (value) => {
        expect(fieldOf('interior', floor(value))).toBe('concepts.Floor.value');
      }),
    );
  });

  test.each(['toString', '__proto__', 'constructor', '#FFF', '#C8A27A\n', 'OAK', 'silver'])('is not %j', (value) => {
    expect(fieldOf('interior', floor(value))).toBe('concepts.Floor.value');
  });
});

describe('a concept', () => {
  test.each(['Logo', 'Glass_highlight', 'floor', 'toString', 'constructor'])('of interior is not %s', (concept) => {
    expect(fieldOf('interior', { concepts: { [concept]: { action: 'remove' } } })).toBe(`concepts.${concept}`);
  });

  test('is not __proto__, even as JSON has it', () => {
    const parsed = conceptMap.safeParse(JSON.parse('{"__proto__":{"action":"remove"},"Floor":{"action":"remove"}}'));
    if (parsed.success) expect(Object.keys(chosen('interior', { concepts: parsed.data }).concepts)).toEqual(['Floor']);
    expect(Object.hasOwn(Object.prototype, 'action')).toBe(false);
  });

  test('keeps tone, texture and remove as they are', () => {
    const concepts: ChoiceInput['concepts'] = {
      Wall: { action: 'tone', value: 'cool' },
      Floor: { action: 'texture', value: 'marble' },
      Handle: { action: 'remove' },
    };
    expect(chosen('interior', { concepts }).concepts).toEqual(concepts);
  });
});

describe('protects', () => {
  const remove = { action: 'remove' as const };

  test('are those of the preset when left out', () => {
    expect(chosen('seller', { concepts: { Body: remove } }).protect).toEqual(['Label_Text', 'Logo', 'Gloss']);
  });

  test('of the preset give way to what is changed on purpose', () => {
    expect(chosen('interior', { concepts: { Grout: remove } }).protect).toEqual(['Frame_Molding', 'Glass_highlight']);
  });

  test('that are named replace those of the preset, an empty list included', () => {
    expect(chosen('interior', { ...floor('oak'), protect: ['Glass_highlight', 'Wall'] }).protect).toEqual([
      'Glass_highlight',
      'Wall',
    ]);
    expect(chosen('interior', { ...floor('oak'), protect: [] }).protect).toEqual([]);
  });

  test('that are named twice count once', () => {
    expect(chosen('interior', { ...floor('oak'), protect: ['Wall', 'Wall'] }).protect).toEqual(['Wall']);
  });

  test('that are unknown are refused by their place', () => {
    expect(fieldOf('interior', { ...floor('oak'), protect: ['Wall', 'Logo'] })).toBe('protect[1]');
    expect(fieldOf('seller', { concepts: { Body: remove }, protect: ['Glass_highlight'] })).toBe('protect[0]');
    expect(fieldOf('interior', { ...floor('oak'), protect: ['constructor'] })).toBe('protect[0]');
  });

  test('that are changed as well are refused: which of the two is meant cannot be told', () => {
    expect(fieldOf('interior', { ...floor('oak'), protect: ['Wall', 'Floor'] })).toBe('protect[1]');
  });

  test('and changes never meet, whatever is chosen', () => {
    for (const preset of PRESET_IDS) {
      const ids = Object.keys(PRESETS[preset].concepts);
      const some = fc.subarray(ids, { minLength: 1 });
      fc.assert(
        fc.property(some, fc.option(fc.subarray(ids), { nil: undefined }), (changed, protect) => {
          const concepts = Object.fromEntries(changed.map((id) => [id, remove]));
          const choice = chooseFor(preset, { concepts, protect });
          const meet = changed.some((id) => protect?.includes(id));
          expect(choice.ok).toBe(!meet);
          if (choice.ok) expect(choice.value.protect.filter((id) => changed.includes(id))).toEqual([]);
        }),
      );
    }
  });
});

describe('an output template', () => {
  test('of the preset is taken, and none is fine', () => {
    expect(chosen('interior', { ...floor('oak'), outputTemplate: 'client-card' }).outputTemplate).toBe('client-card');
    expect(chosen('interior', floor('oak')).outputTemplate).toBeNull();
  });

  test.each(['product-pack', 'toString', ''])('of interior is not %j', (outputTemplate) => {
    expect(fieldOf('interior', { ...floor('oak'), outputTemplate })).toBe('outputTemplate');
  });
});

describe('a refused choice says what there is', () => {
  const wordsOf = (preset: PresetId, input: ChoiceInput) => {
    const choice = chooseFor(preset, input);
    if (choice.ok) throw new Error('was taken');
    return choice.refusal.message;
  };

  test('of concepts, colours, templates and what can be protected', () => {
    expect(wordsOf('seller', { concepts: { Grout: recolor('#000000') } })).toBe(
      'concepts.Grout: is not a concept of seller; it has Body, Label_Text, Logo, Gloss, Parts, Accessories',
    );
    const colours = Object.keys(PRESETS.interior.palette).join(', ');
    expect(wordsOf('interior', floor('mud'))).toBe(
      `concepts.Floor.value: is neither #RRGGBB nor a colour of interior's palette (${colours})`,
    );
    expect(wordsOf('seller', { concepts: { Body: recolor('#000000') }, outputTemplate: 'poster' })).toBe(
      'outputTemplate: is not a template of seller; it has product-pack, option-board, eight-thumbnails',
    );
    expect(wordsOf('seller', { concepts: { Body: recolor('#000000') }, protect: ['Logo', 'Wall'] })).toBe(
      'protect[1]: "Wall" cannot be protected in seller; it has Body, Label_Text, Logo, Gloss, Parts, Accessories',
    );
    expect(wordsOf('interior', { ...floor('oak'), protect: ['Wall', 'Floor'] })).toBe(
      'protect[1]: "Floor" is changed by concepts as well',
    );
  });

  test('with the field once in its message and once in its details', () => {
    const choice = chooseFor('interior', { ...floor('oak'), protect: ['Floor'] });
    expect(choice).toMatchObject({
      refusal: {
        details: {
          field: 'protect[0]',
          issues: [{ field: 'protect[0]', message: '"Floor" is changed by concepts as well' }],
        },
      },
    });
  });
});

test('the same choice is the same however it was written down', () => {
  const written = { Wall: recolor('#000000'), Ceiling: recolor('#FFFFFF'), Floor: recolor('#111111') };
  const orders = [
    ['Wall', 'Ceiling', 'Floor'],
    ['Floor', 'Wall', 'Ceiling'],
    ['Ceiling', 'Floor', 'Wall'],
    ['Floor', 'Ceiling', 'Wall'],
  ] as const;
  for (const order of orders) {
    const concepts = Object.fromEntries(order.map((concept) => [concept, written[concept]]));
    expect(Object.keys(chosen('interior', { concepts }).concepts)).toEqual(['Ceiling', 'Floor', 'Wall']);
  }
});
