import { LivePointer, PointerReading } from './live-pointer';
import { SiteBucket } from './site-bucket';
import { jsonIn, NO_RELEASE } from './static-site-steps';

/** What the object holds, for those who serve the files: docs/targets/static-site.md describes it. */
export interface PointerContent {
  /** What the keys of the live release begin with: `releases/production/<name>/`. */
  readonly prefix: string;
}

/** An object in the bucket that names the live release. A change is in effect at once: S3 is consistent. */
export class ObjectPointer implements LivePointer {
  public readonly name: string;

  constructor(private readonly bucket: SiteBucket, private readonly key: string) {
    this.name = `s3://${bucket.name}/${key}`;
  }

  public async read(): Promise<PointerReading> {
    const found = await this.bucket.text(this.key);
    const { prefix } = jsonIn(found?.text ?? '');
    return {
      // what cannot be read leads nowhere
      path: typeof prefix === 'string' ? `/${prefix.replace(/^\/|\/$/g, '')}`.replace(/^\/$/, '') : NO_RELEASE,
      isInEffect: true,
      move: (path) => this.bucket.replace(this.key, contentOf(path), found?.etag),
      refresh: async () => true,
    };
  }
}

function contentOf(path: string): PointerContent {
  return { prefix: path === '' ? '' : `${path.slice(1)}/` };
}
