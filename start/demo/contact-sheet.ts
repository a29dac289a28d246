/** `index.html`: every photo before, after, and what was masked, with its figures. One file of HTML beside folders of pictures. */
import type { ConceptAction } from '../../server/src/contract/concepts.ts';
import { PRESETS } from '../../server/src/contract/presets.ts';
import type { Album } from './albums.ts';
import { STYLE } from './contact-sheet-style.ts';
import { percent } from './figures-table.ts';
import type { Outcome, Shown } from './outcome.ts';
import { PROTECT_TINT, tintOfTarget } from './pictures.ts';
import type { WrittenSet } from './sets.ts';

export type Totals = { charged: number; refunded: number; seconds: number };

export function contactSheet(outcomes: Outcome[], totals: Totals, sets: WrittenSet[] = []): string {
  const albums = [...new Set(outcomes.map((outcome) => outcome.album))];
  const sections = albums.map((album) =>
    albumSection(
      album,
      outcomes.filter((outcome) => outcome.album === album),
      sets.filter((set) => set.album === album && set.pictures.length > 0),
    ),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>S3 demo: contact sheet</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="eyebrow">S3 set production</p>
<h1>Contact sheet</h1>
${summary(outcomes, totals)}
</header>
<main>
${sections.join('\n')}
</main>
<footer>Made by <code>npm run demo</code> with the reference GPU worker. Results in full size lie in <code>results/</code>, masks in <code>masks/</code>, sets in <code>sets/</code>.</footer>
</body>
</html>
`;
}

function summary(outcomes: Outcome[], totals: Totals): string {
  const done = outcomes.filter((outcome) => outcome.state === 'done');
  const measured = done.flatMap((outcome) => outcome.figures ?? []);
  const sum = (pick: (figures: (typeof measured)[number]) => number) => measured.reduce((n, one) => n + pick(one), 0);
  const figures: [string, string][] = [
    [`${done.length} of ${outcomes.length}`, 'photos done'],
    [String(sum((one) => one.changedProtected)), 'pixels changed inside what is protected'],
    [String(sum((one) => one.changedOutside - one.changedProtected)), 'pixels changed outside the target'],
    [String(totals.charged), `credits charged, ${totals.refunded} returned`],
    [`${totals.seconds} s`, 'from upload to result'],
  ];
  return `<dl class="summary">${figures.map(([value, name]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function albumSection(album: Album, outcomes: Outcome[], sets: WrittenSet[]): string {
  const targets = Object.entries(album.rule.concepts).map(
    ([concept, action], i) => `<li>${swatch(tintOfTarget(i))}<b>${words(concept)}</b> ${describe(album, action)}</li>`,
  );
  const protects = album.rule.protect.map(
    (concept) => `<li>${swatch(PROTECT_TINT, 'kept')}<b>${words(concept)}</b> untouched</li>`,
  );
  return `<section>
<h2>${esc(album.name)}</h2>
${album.name === album.preset ? '' : `<p class="preset">Preset ${esc(PRESETS[album.preset].name.en)}</p>`}
<ul class="rule">${targets.join('')}${protects.join('')}</ul>
${outcomes.map(photoArticle).join('\n')}
${sets.map(setArticle).join('\n')}
</section>`;
}

function photoArticle(outcome: Outcome): string {
  const state = outcome.problems.length > 0 ? 'problem' : outcome.state;
  const notes = [
    ...outcome.problems,
    ...(outcome.state !== 'done' && outcome.expectedToFail ? [`${outcome.reason} (expected)`] : []),
    ...(outcome.notFound.length > 0 ? [`Not found: ${outcome.notFound.map(missing).join(', ')}`] : []),
  ];
  const pictures = outcome.pictures.map((shown) => figure(shown, outcome.name)).join('');
  return `<article class="${state}">
<h3>${esc(outcome.name)} <span class="state">${outcome.state}</span></h3>
${notes.map((note) => `<p class="note">${sentence(note)}</p>`).join('\n')}
${pictures ? `<div class="pictures">${pictures}</div>` : ''}
${numbers(outcome)}
</article>`;
}

function setArticle({ name, pictures, leftOut }: WrittenSet): string {
  return `<article class="set">
<h3>Set: ${esc(name)} <span class="state">${pictures.length} ${pictures.length === 1 ? 'picture' : 'pictures'}</span></h3>
${leftOut.length > 0 ? `<p class="note">Left out: ${leftOut.map(esc).join(', ')}</p>` : ''}
<div class="pictures">${pictures.map((picture) => figure(picture, name)).join('')}</div>
</article>`;
}

function figure({ caption, src, link }: Shown, name: string): string {
  const picture = `<img src="${url(src)}" alt="${esc(name)}: ${esc(caption.toLowerCase())}" loading="lazy">`;
  return `<figure><a href="${url(link)}">${picture}</a><figcaption>${esc(caption)}</figcaption></figure>`;
}

function numbers({ figures }: Outcome): string {
  if (!figures) return '';
  const cells: [string, string][] = [
    ['Target', `${percent(figures.target)} of the photo`],
    ['Changed of it', percent(figures.changed)],
    ['Changed elsewhere', `${figures.changedOutside} pixels`],
    ['Protected', `${percent(figures.protected)} of the photo`],
    ['Difference inside it', String(figures.maxDifference)],
    ['Size', `${figures.width} × ${figures.height}`],
  ];
  const masks = Object.entries(figures.coverage).map(([concept, share]) => `${words(concept)} ${percent(share)}`);
  cells.push(['Masks', masks.join(', ') || 'none']);
  return `<dl class="figures">${cells.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

function describe(album: Album, action: ConceptAction): string {
  if (action.action === 'remove') return 'removed';
  if (action.action !== 'recolor') return `${action.action} ${esc(action.value)}`;
  const palette: Record<string, { hex: string }> = PRESETS[album.preset].palette;
  const hex = palette[action.value]?.hex ?? action.value;
  return `recolored ${esc(action.value)} ${swatch(hex, 'paint')}`;
}

const missing = ({ concept, reason }: Outcome['notFound'][number]): string =>
  concept.replaceAll('_', ' ') + (reason ? ` (${reason})` : '');

const swatch = (colour: string | readonly number[], kind = ''): string =>
  `<i class="swatch ${kind}" style="--c:${typeof colour === 'string' ? esc(colour) : `rgb(${colour.join(' ')})`}"></i>`;

const words = (concept: string): string => esc(concept.replaceAll('_', ' '));
const sentence = (text: string): string => esc(text.charAt(0).toUpperCase() + text.slice(1));
const url = (relative: string): string => esc(relative.split('/').map(encodeURIComponent).join('/'));

function esc(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}
