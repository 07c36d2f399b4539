import { HeaderRuleManifest } from '../manifest';
import { contentTypeOf } from './content-types';

/** The headers that files are uploaded with. */
export interface SiteHeaders {
  readonly cacheControl: string;
  readonly contentType: string;
}

/** Browsers and CloudFront ask the origin each time, and get the file only if it changed: so a rollback shows at once. */
const REVALIDATED = 'no-cache';
/** The name changes with the content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What is never immutable, whatever its name: users and other programs know these addresses. */
const ENTRIES = /\.(html?|json|xml|txt|webmanifest|pdf|md|csv|rss|atom|zip)$/i;
/** Folders in which a build tool gives every file a name of its content: Next.js, Astro, Nuxt, SvelteKit. */
const IMMUTABLE_FOLDERS = /^(?:.+\/)?(?:_next\/static|_astro|_nuxt|_app\/immutable)\//;

/** Returns the headers of a file: the first rule that fits and names the header, else the default. */
export function headersOf(path: string, rules: readonly HeaderRuleManifest[]): SiteHeaders {
  const fitting = rules.filter(({ files }) => fits(files, path));
  return {
    cacheControl: fitting.find(({ cacheControl }) => cacheControl !== undefined)?.cacheControl ?? (isImmutable(path) ? IMMUTABLE : REVALIDATED),
    contentType: fitting.find(({ contentType }) => contentType !== undefined)?.contentType ?? contentTypeOf(path),
  };
}

/** Whether the file's name says that its content never changes. In doubt it does not: that costs a request, the other mistake a year. */
export function isImmutable(path: string): boolean {
  // the map of a script is hashed with it
  const name = path.split('/').at(-1)!.replace(/\.map$/, '');
  if (ENTRIES.test(name)) return false;
  if (IMMUTABLE_FOLDERS.test(path)) return true;
  const [, stem] = /^(.+?)(?:\.min)?\.[a-z0-9]+$/i.exec(name) ?? [];
  const words = [/[.-]([0-9a-zA-Z]+)$/, /[.-]([\w-]{8})$/].map((end) => end.exec(stem ?? '')?.[1]);
  return words.some((word) => word !== undefined && isHash(word));
}

/** The digests that webpack, Hugo, Vite, Rollup, esbuild and Parcel put into names. A word or a date is none. */
function isHash(word: string): boolean {
  const hasBoth = /[0-9]/.test(word) && /[a-zA-Z]/.test(word);
  if (/^[0-9a-f]{8,64}$/.test(word)) return hasBoth;
  // 8 characters of base32 or base64: a digit within, or a capital that no word has there
  return word.length === 8 && /^[\w-]+$/.test(word) && !/^\d{4}-/.test(word) && (hasBoth ? /[A-Z]/.test(word) : /[a-z][A-Z]+[a-z]/.test(word.slice(1)));
}

/** Whether a pattern fits a path. */
export function fits(pattern: string, path: string): boolean {
  const target = pattern.includes('/') ? path : path.split('/').at(-1)!;
  return expressionOf(pattern.replace(/^\//, '')).test(target);
}

function expressionOf(pattern: string): RegExp {
  const source = pattern.split(/(\*\*\/?|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, 's');
}
