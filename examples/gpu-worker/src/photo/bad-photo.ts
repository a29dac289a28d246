// A photo that cannot be worked on; the message is for the person who uploaded it.

export class BadPhoto extends Error {
  override readonly name = 'BadPhoto';
}
