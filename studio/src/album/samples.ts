/** Photos for whoever has none at hand: those of examples/photos, fetched when they are asked for. */
import facade from '../../../examples/photos/interior/facade.jpg?url';
import house from '../../../examples/photos/interior/house.jpg?url';
import plant from '../../../examples/photos/interior/plant-and-wallpaper.jpg?url';
import corner from '../../../examples/photos/interior/wallpaper-corner.jpg?url';

const SAMPLES = {
  'wallpaper-corner.jpg': corner,
  'plant-and-wallpaper.jpg': plant,
  'house.jpg': house,
  'facade.jpg': facade,
};

export const sampleFiles = (): Promise<File[]> =>
  Promise.all(
    Object.entries(SAMPLES).map(async ([name, url]) => {
      const photo = await (await fetch(url)).blob();
      return new File([photo], name, { type: 'image/jpeg' });
    }),
  );
