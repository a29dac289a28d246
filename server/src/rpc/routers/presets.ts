/** `presets.*`: what can be changed in which kind of photo. These answers never change, so they are checked and written once. */
import { PRESET_IDS, type Preset, presetGetInput, presetListOutput } from '../../contract/presets.ts';
import { viewOf } from '../../domain/presets.ts';
import { constantOutput } from '../../wire/output.ts';
import { OPEN, publicProcedure, router } from '../init.ts';
import { inputOf } from '../input.ts';

let answers: { list: Preset[]; byId: Map<string, Preset> } | undefined;

/** On first need: most starts of an isolate are not for these. */
function presets() {
  if (answers !== undefined) return answers;
  const list = constantOutput(presetListOutput.parse(PRESET_IDS.map(viewOf)));
  answers = { list, byId: new Map(list.map((preset) => [preset.id, constantOutput(preset)])) };
  return answers;
}

export const presetsRouter = router({
  /** All presets: what can be changed and protected, with names to show. */
  list: publicProcedure.meta(OPEN).query(() => presets().list),
  /** Throws PRESET_NOT_FOUND. */
  get: publicProcedure
    .meta(OPEN)
    .input(inputOf(presetGetInput))
    .query(({ input }) => presets().byId.get(input.id) ?? viewOf(input.id)),
});
