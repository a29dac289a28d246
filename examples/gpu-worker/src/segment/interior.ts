// The interior preset's concepts, each with what finds it. Exteriors are photographed under this preset too: sky tells them apart.

import { findFacade, findSky } from './exterior.ts';
import { type Detectors, type Finding, finding, lazy, missing } from './finding.ts';
import { findGlassHighlight, findLight } from './highlights.ts';
import { area, dilate, type Mask, subtract, union } from './mask.ts';
import { findDoors, findWindowsIndoors, findWindowsOutdoors } from './openings.ts';
import { findRoom } from './room.ts';
import type { Scene } from './scene.ts';
import { findTiling } from './tiles.ts';
import { findTrimIndoors, findTrimOutdoors } from './trim.ts';

const NEEDS_MODEL = 'this classical segmenter has no detector for it; a learned model does';

const undetectable = (): Finding => missing(NEEDS_MODEL);

function outdoors(scene: Scene, sky: Mask): Detectors {
  const wall = lazy(() => findFacade(scene, sky));
  const windows = lazy(() => findWindowsOutdoors(scene, wall()));
  const exterior = (): Finding => missing('the photo shows an exterior');
  return {
    Wall: () => finding(wall(), 'no plain built surface'),
    Window: () => finding(windows(), 'no dark upright patches in the wall'),
    Frame_Molding: () => finding(findTrimOutdoors(scene, wall()), 'no long straight ledges or frames'),
    Glass_highlight: () => finding(findGlassHighlight(scene, windows()), 'no reflections on glass'),
    Tile: exterior,
    Grout: exterior,
    Floor: exterior,
    Ceiling: exterior,
    Light: exterior,
    Door: undetectable,
    Cabinet: undetectable,
    Countertop: undetectable,
    Handle: undetectable,
  };
}

function indoors(scene: Scene): Detectors {
  const room = lazy(() => findRoom(scene));
  const trim = lazy(() => findTrimIndoors(scene, room().floor));
  const wall = lazy(() => subtract(room().wall, trim()));
  const floor = lazy(() => {
    const found = room().floor;
    return found && subtract(found, trim());
  });
  const shell = lazy(() => {
    const base = floor() ? union(wall(), floor()!) : wall();
    return room().ceiling ? union(base, room().ceiling!) : base;
  });
  const windows = lazy(() => findWindowsIndoors(scene, shell()));
  const tiling = lazy(() => findTiling(scene, floor() ? union(wall(), floor()!) : wall()));
  return {
    Wall: () => finding(wall(), 'no wall-like surface'),
    Floor: () => finding(floor(), 'the lower edge looks like the rest of the photo'),
    Ceiling: () => finding(room().ceiling, 'no plain bright surface along the top'),
    Window: () => finding(windows(), 'no bright rectangles'),
    Door: () => finding(findDoors(scene, shell()), 'no tall plain rectangles'),
    Frame_Molding: () => finding(trim(), 'no long straight bands'),
    Tile: () => finding(tiling()?.tiles ?? null, 'no regular pieces'),
    Grout: () => finding(tiling()?.grout ?? null, 'no regular joints'),
    Light: () => finding(findLight(scene), 'no lamps'),
    Glass_highlight: () =>
      area(windows()) > 0
        ? finding(findGlassHighlight(scene, dilate(windows(), scene.width, scene.height, 2)), 'no reflections on glass')
        : missing('no glass'),
    Cabinet: undetectable,
    Countertop: undetectable,
    Handle: undetectable,
  };
}

export function interiorDetectors(scene: Scene): Detectors {
  const sky = findSky(scene);
  return area(sky) > 0 ? outdoors(scene, sky) : indoors(scene);
}
