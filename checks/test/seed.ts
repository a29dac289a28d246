/**
 * Properties are tried on the same cases in each run, so that a change is judged by what it changed. `PROPERTY_SEED=N npm test` tries
 * others.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
