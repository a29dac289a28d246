/** `presets.*`: what can be changed in which kind of photo. */
import { PRESET_IDS, presetGetInput, presetListOutput, presetView } from '../../contract/presets.ts';
import { viewOf } from '../../domain/presets.ts';
import { publicProcedure, router } from '../init.ts';

export const presetsRouter = router({
  list: publicProcedure.output(presetListOutput).query(() => PRESET_IDS.map(viewOf)),
  get: publicProcedure
    .input(presetGetInput)
    .output(presetView)
    .query(({ input }) => viewOf(input.id)),
});
