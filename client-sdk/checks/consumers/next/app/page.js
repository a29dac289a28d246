import { told } from './told';

export default async function Built() {
  return <p>told {await told()}</p>;
}
