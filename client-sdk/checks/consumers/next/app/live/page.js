import { presets, told } from '../told';

export default async function Live() {
  return (
    <p>
      told {await told()} presets {await presets()}
    </p>
  );
}
