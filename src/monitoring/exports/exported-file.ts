import { IResolver, Project, YamlFile } from 'projen';
import { Engine, EngineFile, ExportedContent, Json } from './engine';

/** A file for another engine: projen's marker, a description, the differences, and the YAML. */
export class ExportedFile extends YamlFile {
  /**
   * @param root the root project, also for the delivery of a subproject
   * @param exported called late, because environments may be added
   */
  constructor(
    root: Project,
    path: string,
    private readonly engine: Engine,
    private readonly file: EngineFile,
    private readonly exported: () => ExportedContent,
  ) {
    super(root, path, { committed: true, obj: () => marked(exported().document) });
  }

  protected synthesizeContent(resolver: IResolver): string {
    const { differences } = this.exported();
    const { isCanary, name } = this.engine;
    const yaml = unmarked(super.synthesizeContent(resolver) ?? '');
    const comments = [
      ...(this.marker ? [this.marker] : []),
      ...this.file.introduction,
      ...(differences.length > 0 ? ['', isCanary ? `What is lost in ${name}:` : `Differences from the health checks in ${name}:`] : []),
      ...differences.map(({ environment, check, condition, why }) => `- ${environment}, ${check}, ${condition}: ${why}`),
    ];
    // projen writes its marker and an empty line on top
    const text = comments.map(commentLine).join('') + yaml.slice(yaml.indexOf('\n', this.marker ? yaml.indexOf('\n') + 1 : 0) + 1);
    return this.file.finish?.(text) ?? text;
  }
}

/** Escapes all characters that YAML takes for the end of a line. */
function commentLine(text: string): string {
  return `# ${text.replace(/[\p{Cc}\u2028\u2029\ufeff]/gu, '?')}`.trimEnd() + '\n';
}

/** Strings that projen may leave unquoted but the YAML readers of these engines take for another type, a line break, or a placeholder. */
const MISREAD = /^(?:y|n|yes|no|on|off|<<|=)$|^[-+.\d][^\n]*$|[^\n\x20-\x7e]/i;
/** A control character: projen writes a string that contains one in double quotes. */
const MARK = '\x80';

function marked(value: Json): Json {
  if (typeof value === 'string') return MISREAD.test(value) ? MARK + value.replaceAll(MARK, MARK + MARK) : value;
  if (Array.isArray(value)) return value.map(marked);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [marked(key) as string, one === undefined ? one : marked(one)]));
}

/** All of them are in double-quoted strings. */
function unmarked(yaml: string): string {
  return yaml
    .replace(/\x80(\x80?)/g, '$1')
    .replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
