import { IResolver, Project, YamlFile } from 'projen';
import { EngineFile, ExportedContent, Json } from './engine';

/** A file for another engine: projen's marker, what it is, what is different there, and the YAML. */
export class ExportedFile extends YamlFile {
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
    super(root, path, { committed: true, obj: () => marked(exported().document) });
  }

  protected synthesizeContent(resolver: IResolver): string {
    const { differences } = this.exported();
    const yaml = unmarked(super.synthesizeContent(resolver) ?? '');
    const comments = [
      ...(this.marker ? [this.marker] : []),
      ...this.file.introduction,
      ...(differences.length > 0 ? ['', `What ${this.engine} does not do to the letter:`] : []),
      ...differences.map(({ environment, check, condition, why }) => `- ${environment}, ${check}, ${condition}: ${why}`),
    ];
    // projen's own head is its marker, and an empty line
    const text = comments.map(commentLine).join('') + yaml.slice(yaml.indexOf('\n', this.marker ? yaml.indexOf('\n') + 1 : 0) + 1);
    return this.file.finish?.(text) ?? text;
  }
}

/** One line, whatever characters YAML takes for the end of one. */
function commentLine(text: string): string {
  return `# ${text.replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, '?')}`.trimEnd() + '\n';
}

/** What projen may leave plain and older readers, which these engines have, take for another type, or for the end of a line; or a secret's place. */
const MISREAD = /^(?:y|n|yes|no|on|off|<<|=)$|^[-+.\d][^\n]*$|[^\n\x20-\x7e]/i;
/** Around a text with a control character projen writes double quotes. */
const MARK = '\x80';

function marked(value: Json): Json {
  if (typeof value === 'string') return MISREAD.test(value) ? MARK + value.replaceAll(MARK, MARK + MARK) : value;
  if (Array.isArray(value)) return value.map(marked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [marked(key) as string, one === undefined ? one : marked(one)]));
}

/** All of these stand between double quotes. */
function unmarked(yaml: string): string {
  return yaml
    .replace(/\x80(\x80?)/g, '$1')
    .replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
