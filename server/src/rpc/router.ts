/** The whole API. Its type is what the client package is made from. */
import { router } from './init.ts';
import { adminRouter } from './routers/admin.ts';
import { authRouter } from './routers/auth.ts';
import { jobsRouter } from './routers/jobs.ts';
import { presetsRouter } from './routers/presets.ts';
import { rulesRouter } from './routers/rules.ts';
import { userRouter } from './routers/user.ts';

export const appRouter = router({
  auth: authRouter,
  user: userRouter,
  presets: presetsRouter,
  rules: rulesRouter,
  jobs: jobsRouter,
  admin: adminRouter,
});
export type AppRouter = typeof appRouter;
