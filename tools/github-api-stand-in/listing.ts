import { ApiResponse } from './response';
import { WireRequest } from './specification';

/** In which order a list is returned; GitHub promises none. */
export type ListOrder = 'newestFirst' | 'oldestFirst' | 'scrambled';

/** How lists are returned: in pages, in an order, and not always up to date. Tests change it as they go. */
export class Listing {
  public order: ListOrder = 'newestFirst';
  /** How many reads do not show a write yet. */
  public readLag = 0;
  /** For how long lists do not show a write yet, in milliseconds. */
  public lagMs = 0;
  /** For how long what was created is not found by its id either, in milliseconds. */
  public missingMs = 0;
  private readonly unseen = new Map<object, number>();
  private readonly writtenAt = new WeakMap<object, number>();

  /** @param url the stand-in's, once it is known */
  constructor(private readonly url: () => string, private readonly now: () => number) {}

  /** Keeps what was just written from the next `readLag` reads, and from reads within `lagMs`. */
  public hide(written: object): void {
    if (this.lagMs > 0 || this.missingMs > 0) this.writtenAt.set(written, this.now());
    if (this.readLag > 0) this.unseen.set(written, this.readLag);
  }

  /** Whether it is found by its id. */
  public isFound(written: object): boolean {
    return this.ageOf(written) >= this.missingMs;
  }

  /** Asking is a read. */
  public isSeen(written: object): boolean {
    if (this.ageOf(written) < this.lagMs) return false;
    const left = this.unseen.get(written) ?? 0;
    if (left === 0) return true;
    this.unseen.set(written, left - 1);
    return false;
  }

  public inOrder<T extends { readonly id: number }>(oldestFirst: readonly T[]): T[] {
    switch (this.order) {
      case 'newestFirst': return [...oldestFirst].reverse();
      case 'oldestFirst': return [...oldestFirst];
      // the same in every page: a list is scrambled, not a page
      case 'scrambled': return [...oldestFirst].sort((a, b) => ((a.id * 7919) % 1009) - ((b.id * 7919) % 1009) || a.id - b.id);
    }
  }

  /** The requested page, and the links to its neighbours. */
  public page<T>(
    request: WireRequest, all: readonly T[], render: (item: T) => unknown, envelope: (page: unknown[], total: number) => unknown = (page) => page,
  ): ApiResponse {
    const size = Math.min(Math.max(Number(request.query.per_page ?? 30), 1), 100);
    const number = Math.max(Number(request.query.page ?? 1), 1);
    const last = Math.max(Math.ceil(all.length / size), 1);
    const link = (page: number, rel: string) =>
      `<${this.url()}${request.path}?${new URLSearchParams({ ...request.query, page: String(page) }).toString()}>; rel="${rel}"`;
    const links = [
      ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
      ...(number > 1 ? [link(1, 'first'), link(number - 1, 'prev')] : []),
    ];
    return {
      status: 200,
      body: envelope(all.slice((number - 1) * size, number * size).map(render), all.length),
      headers: links.length > 0 ? { link: links.join(', ') } : undefined,
    };
  }

  private ageOf(written: object): number {
    return this.now() - (this.writtenAt.get(written) ?? -Infinity);
  }
}
