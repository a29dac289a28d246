// The seller preset's concepts, each with what finds it.

import { findComponents, keepComponents } from './components.ts';
import { type Detectors, finding, lazy } from './finding.ts';
import { findGloss } from './highlights.ts';
import { dilate, type Mask, rank, subtract } from './mask.ts';
import { findLogo, findText } from './print.ts';
import { findBody, findFigure } from './product.ts';
import type { Scene } from './scene.ts';

/** Pieces of the figure in another colour than its main surface: lenses, lids, handles. */
function findParts(scene: Scene, figure: Mask, body: Mask, print: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const other = subtract(subtract(figure, dilate(body, w, h, 1)), print);
  return keepComponents(rank(other, w, h, 2, 0.6), w, h, (c) => c.area > size * 0.002);
}

/** Pieces of the figure that stand apart from the largest one. */
function findAccessories(scene: Scene, figure: Mask): Mask {
  const { width: w, height: h, size } = scene;
  const largest = findComponents(figure, w, h).list.reduce((most, c) => Math.max(most, c.area), 0);
  return keepComponents(figure, w, h, (c) => c.area < largest && c.area > size * 0.003);
}

export function sellerDetectors(scene: Scene): Detectors {
  const figure = lazy(() => findFigure(scene));
  const body = lazy(() => findBody(scene, figure()));
  const text = lazy(() => findText(scene, figure()));
  return {
    Body: () => finding(body(), 'nothing stands out from the background'),
    Label_Text: () => finding(text(), 'no rows of thin strokes on the product'),
    Logo: () => finding(findLogo(scene, text()), 'no compact marks in a colour of their own on a plain ground'),
    Gloss: () => finding(findGloss(scene, body()), 'no highlights on the product'),
    Parts: () => finding(findParts(scene, figure(), body(), text()), 'the product shows one surface'),
    Accessories: () => finding(findAccessories(scene, figure()), 'nothing stands apart from the product'),
  };
}
