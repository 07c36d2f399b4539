import { Project } from 'projen';
import { GeneratedFile } from './generated-file';
import { Manifest } from '../contract/manifest';

/** `.projen/delivery.json`, or a subproject's beside it, with projen's marker as projen puts it into JSON. */
export class ManifestFile extends GeneratedFile {
  /**
   * @param root the root project, whatever project the delivery is of
   */
  constructor(root: Project, path: string, private readonly manifest: () => Manifest) {
    super(root, path);
  }

  protected bytes(): Buffer {
    const { marker } = this;
    return Buffer.from(`${JSON.stringify({ ...this.manifest(), ...(marker ? { '//': marker } : {}) }, undefined, 2)}\n`);
  }
}
