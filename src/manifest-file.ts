import { Project } from 'projen';
import { Manifest, MANIFEST_FILE } from './manifest';
import { OwnFile } from './own-file';

/** `.projen/delivery.json`, with projen's marker as projen puts it into JSON. */
export class ManifestFile extends OwnFile {
  constructor(project: Project, private readonly manifest: () => Manifest) {
    super(project, MANIFEST_FILE);
  }

  protected bytes(): Buffer {
    const { marker } = this;
    return Buffer.from(`${JSON.stringify({ ...this.manifest(), ...(marker ? { '//': marker } : {}) }, undefined, 2)}\n`);
  }
}
