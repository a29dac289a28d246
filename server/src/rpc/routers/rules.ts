/** `rules.*`: saved choices. The user's object owns them and their slots. */
import {
  rule,
  ruleCreateInput,
  ruleDeleteOutput,
  ruleIdInput,
  ruleListOutput,
  ruleUpdateInput,
} from '../../contract/rules.ts';
import { chooseFor } from '../../domain/presets.ts';
import { unwrap } from '../errors.ts';
import { KEYED, router, SAFE, sessionProcedure, userProcedure } from '../init.ts';
import { inputOf } from '../input.ts';
import { newRuleId, withUser } from '../objects.ts';

export const rulesRouter = router({
  /** Saves a choice of what to change and what to protect. Throws RULE_SLOT_FULL. */
  create: sessionProcedure
    .meta(KEYED)
    .input(inputOf(ruleCreateInput))
    .output(rule)
    .mutation(async ({ ctx, input }) => {
      const { name, presetId: preset } = input;
      const { concepts, protect } = unwrap(chooseFor(preset, input));
      const id = newRuleId(ctx.userId, input.idempotencyKey ?? crypto.randomUUID());
      return unwrap(
        await withUser(ctx, ctx.userId, (user) =>
          user.createRule(ctx.session, id, { name, preset, concepts, protect }),
        ),
      );
    }),

  /** Throws RULE_NOT_FOUND, as `update` and `delete` do. */
  get: userProcedure
    .meta(SAFE)
    .input(inputOf(ruleIdInput))
    .output(rule)
    .query(async ({ ctx, input }) => unwrap(await withUser(ctx, ctx.userId, (user) => user.getRule(input.id)))),

  /** All rules of the user. */
  list: userProcedure
    .meta(SAFE)
    .output(ruleListOutput)
    .query(({ ctx }) => withUser(ctx, ctx.userId, (user) => user.listRules())),

  /** Changes what is given of a rule. */
  update: sessionProcedure
    .meta(SAFE)
    .input(inputOf(ruleUpdateInput))
    .output(rule)
    .mutation(async ({ ctx, input: { id, ...change } }) =>
      unwrap(await withUser(ctx, ctx.userId, (user) => user.updateRule(ctx.session, id, change))),
    ),

  /** Frees the rule's slot. */
  delete: sessionProcedure
    .meta(SAFE)
    .input(inputOf(ruleIdInput))
    .output(ruleDeleteOutput)
    .mutation(async ({ ctx, input }) => {
      unwrap(await withUser(ctx, ctx.userId, (user) => user.deleteRule(ctx.session, input.id)));
      return { id: input.id, deleted: true as const };
    }),
});
