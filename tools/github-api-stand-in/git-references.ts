import { createHash } from 'node:crypto';
import { Listing } from './listing';
import { RejectedRequest } from './response';

/** A name in the repository and what it points at. */
export interface StoredReference {
  /** In full: `refs/heads/main`. */
  readonly name: string;
  /** Undefined: it was deleted. */
  readonly target?: { readonly sha: string; readonly type: 'commit' | 'tag' };
  /** What it was before: seen as long as the last write is not. */
  readonly before?: StoredReference;
}

/** An annotated tag. No reference points at it by itself. */
export interface StoredTag {
  readonly sha: string;
  readonly tag: string;
  readonly message: string;
  readonly object: { readonly sha: string; readonly type: string };
  readonly tagger: { readonly name: string; readonly email: string; readonly date: string };
}

const SHA = /^[0-9a-f]{40}$/;

/** The references and annotated tags of a repository, and git's rules about them. Every 40-digit sha that is no tag is a commit. */
export class GitReferences {
  private readonly references = new Map<string, StoredReference>();
  private readonly tags = new Map<string, StoredTag>();
  /** Of the commits whose history matters. */
  private readonly parents = new Map<string, string>();

  constructor(private readonly listing: Listing) {}

  /** As it is, seen or not. A name without `refs/` is a branch or a tag. */
  public commitOf(name: string): string | undefined {
    const known = [name, `refs/tags/${name}`, `refs/heads/${name}`].map((candidate) => this.references.get(candidate)?.target).find((target) => target);
    if (!known) return SHA.test(name) ? name : undefined;
    return this.tags.get(known.sha)?.object.sha ?? known.sha;
  }

  /** The references whose names fit, as a reader sees them, in the order of their names. */
  public read(fits: (name: string) => boolean): StoredReference[] {
    const names = [...this.references.keys()].filter(fits).sort();
    return names.map((name) => this.seen(this.references.get(name))).filter((reference) => reference !== undefined);
  }

  /** As they are, in the order of their names. */
  public all(): StoredReference[] {
    return [...this.references.values()].filter(({ target }) => target).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** However it stood before. */
  public set(name: string, sha: string): StoredReference {
    const before = this.references.get(name);
    const written: StoredReference = { name, target: this.targetOf(sha), before };
    this.references.set(name, written);
    this.listing.hide(written);
    return written;
  }

  /** The only compare-and-swap of the API: the second creation is rejected. */
  public create(name: string, sha: string): StoredReference {
    if (!/^refs(\/[^/]+){2,}$/.test(name)) throw new RejectedRequest(422, 'Reference name must start with \'refs/\' and have at least two slashes');
    if (!isValidName(name)) throw new RejectedRequest(422, `${name} is not a valid ref name.`);
    this.rejectUnknown(sha);
    if (this.references.get(name)?.target) throw new RejectedRequest(422, 'Reference already exists');
    return this.set(name, sha);
  }

  public update(name: string, sha: string, force: boolean): StoredReference {
    const current = this.existing(name);
    this.rejectUnknown(sha);
    if (!force && !this.descends(sha, current.sha)) throw new RejectedRequest(422, 'Update is not a fast forward');
    return this.set(name, sha);
  }

  public delete(name: string): void {
    this.existing(name);
    const gone: StoredReference = { name, before: this.references.get(name) };
    this.references.set(name, gone);
    this.listing.hide(gone);
  }

  /** Only a commit whose parent is said counts as its successor. */
  public addCommit(sha: string, parent: string): void {
    this.parents.set(sha, parent);
  }

  public createTag(tag: Omit<StoredTag, 'sha'>): StoredTag {
    this.rejectUnknown(tag.object.sha);
    const seconds = Math.floor(Date.parse(tag.tagger.date) / 1000);
    const text = `object ${tag.object.sha}\ntype ${tag.object.type}\ntag ${tag.tag}\ntagger ${tag.tagger.name} <${tag.tagger.email}> ${seconds} +0000\n\n${tag.message}`;
    // as git computes it: the same tag is the same object
    const stored: StoredTag = { ...tag, sha: createHash('sha1').update(`tag ${Buffer.byteLength(text)}\0${text}`).digest('hex') };
    this.tags.set(stored.sha, stored);
    return stored;
  }

  public tag(sha: string): StoredTag | undefined {
    return this.tags.get(sha);
  }

  private existing(name: string): { readonly sha: string } {
    const target = this.references.get(name)?.target;
    if (!target) throw new RejectedRequest(422, 'Reference does not exist');
    return target;
  }

  private seen(reference: StoredReference | undefined): StoredReference | undefined {
    if (!reference) return undefined;
    if (!this.listing.isSeen(reference)) return this.seen(reference.before);
    return reference.target ? reference : undefined;
  }

  private targetOf(sha: string): StoredReference['target'] {
    return { sha, type: this.tags.has(sha) ? 'tag' : 'commit' };
  }

  private rejectUnknown(sha: string): void {
    if (!SHA.test(sha)) throw new RejectedRequest(422, 'The sha parameter must be exactly 40 characters and contain only [0-9a-f].');
  }

  private descends(sha: string, ancestor: string): boolean {
    for (let one: string | undefined = sha; one; one = this.parents.get(one)) {
      if (one === ancestor) return true;
    }
    return false;
  }
}

/** The most of `git check-ref-format`. */
function isValidName(name: string): boolean {
  return !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\.|\.$|\.lock(\/|$)/.test(name);
}
