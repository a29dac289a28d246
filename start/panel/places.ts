/** Where the panel's build finds and leaves things. */
import path from 'node:path';
import { GENERATED } from '../paths.ts';

/** What is served. */
export const PANEL_DIST = path.join(GENERATED, 'panel');
/** What the router says of itself, for the page to show. */
export const PROCEDURES = path.join(GENERATED, 'panel-procedures.json');
