import { Project } from 'projen';
import { EngineFile, ExportedContent } from './engine';
import { renderYaml } from '../ci/workflow-yaml';
import { OwnFile } from '../own-file';

/** A file for another engine: projen's marker, what it is, what is different there, and the YAML. */
export class ExportedFile extends OwnFile {
  /**
   * @param root the root project, whatever project the delivery is of
   * @param engine as people call it
   * @param exported late, because environments may be added
   */
  constructor(
    root: Project,
    path: string,
    private readonly engine: string,
    private readonly file: EngineFile,
    private readonly exported: () => ExportedContent,
  ) {
    super(root, path);
  }

  protected bytes(): Buffer {
    const { document, differences } = this.exported();
    const comments = [
      ...(this.marker ? [this.marker] : []),
      ...this.file.introduction,
      ...(differences.length > 0 ? ['', `What ${this.engine} does not do to the letter:`] : []),
      ...differences.map(({ environment, check, condition, why }) => `- ${environment}, ${check}, ${condition}: ${why}`),
    ];
    const text = comments.map(commentLine).join('') + renderYaml(document);
    return Buffer.from(this.file.finish?.(text) ?? text);
  }
}

/** One line, whatever characters YAML takes for the end of one. */
function commentLine(text: string): string {
  return `# ${text.replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, '?')}`.trimEnd() + '\n';
}
