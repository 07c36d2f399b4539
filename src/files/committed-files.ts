import { existsSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { FileBase, IResolver, Project } from 'projen';
import { isGenerated } from './generated-file';
import { gitattributes } from './gitattributes';
import { Gitignore } from './gitignore';
import { invalid, show } from '../validation/validation-error';

/**
 * Checks that git commits and checks out the files unchanged, because GitHub and the jobs read them. Each file must belong to the project,
 * no other file may differ from it only in letter case, and `.gitignore` and `.gitattributes` must not affect it.
 */
export function checkCommitted(root: Project, files: readonly FileBase[]): void {
  const tree = filesOf(root);
  const gitignore = new Gitignore((folder) => textOf(root, tree, posix.join(folder, '.gitignore')));
  const attributes = new Map<string, string | undefined>();
  const attributesIn = (folder: string) => {
    // projen makes the text anew each time, and all files share the root's
    if (!attributes.has(folder)) attributes.set(folder, textOf(root, tree, posix.join(folder, '.gitattributes')));
    return attributes.get(folder);
  };
  for (const file of files) {
    const path = pathOf(root, file.absolutePath);
    checkPresent(path, file, tree);
    const rule = gitignore.ignoring(path);
    if (rule) rejectIgnored(path, rule.line, posix.join(rule.folder, '.gitignore'));
    checkAttributes(path, gitattributes(path, attributesIn));
  }
}

/** Files by their path in lower case, relative to the root, because many file systems ignore letter case. */
type Tree = ReadonlyMap<string, readonly FileBase[]>;

function filesOf(root: Project): Tree {
  const tree = new Map<string, FileBase[]>();
  for (const one of root.node.findAll()) {
    if (!(one instanceof FileBase)) continue;
    const path = pathOf(root, one.absolutePath).toLowerCase();
    tree.set(path, [...tree.get(path) ?? [], one]);
  }
  return tree;
}

function pathOf({ outdir }: Project, absolutePath: string): string {
  return relative(outdir, absolutePath).split(sep).join('/');
}

function checkPresent(path: string, file: FileBase, tree: Tree): void {
  const present = tree.get(path.toLowerCase()) ?? [];
  if (!present.includes(file)) {
    invalid('Delivery', `${path} was removed from the project, and no deployment works without it`, 'Remove the call of tryRemoveFile, or remove the delivery');
  }
  const other = present.find((one) => one !== file);
  if (other) invalid('Delivery', `the project also has a file ${other.path}, which is the same file as ${path} on file systems that ignore letter case`, 'Rename the other file');
}

function rejectIgnored(path: string, line: string, gitignore: string): never {
  const include = gitignore === '.gitignore' && !line.endsWith('/') ? `; or call project.gitignore.include('/${path}') after it` : '';
  invalid('Delivery', `${gitignore} ignores ${path} (${show(line)}), so it would not be committed, and no deployment works without it`,
    `Remove the pattern, or make it more specific${include}`);
}

/** Rejects attributes that change a file's content: without its filter a file is a pointer, and another encoding has other bytes. */
function checkAttributes(path: string, attributes: ReadonlyMap<string, string>): void {
  for (const name of ['filter', 'working-tree-encoding']) {
    const value = attributes.get(name);
    if (value === undefined || value === 'unset') continue;
    invalid('Delivery', `.gitattributes sets ${value === 'set' ? name : `${name}=${value}`} for ${path}, but GitHub and the jobs read the file as it is committed`,
      'Make the pattern more specific');
  }
}

/** Returns the content of a file that projen will write, or of one that is already on the disk. */
function textOf(root: Project, tree: Tree, path: string): string | undefined {
  const file = tree.get(path.toLowerCase())?.find((one) => pathOf(root, one.absolutePath) === path);
  if (file) return (file as unknown as Synthesizable).synthesizeContent(NO_RESOLVER);
  const absolutePath = join(root.outdir, path);
  const text = existsSync(absolutePath) ? readFileSync(absolutePath, 'utf8') : undefined;
  // projen deletes files that it wrote earlier and no longer writes
  return text === undefined || isGenerated(text) ? undefined : text;
}

/** A protected method of projen's files. */
interface Synthesizable {
  synthesizeContent(resolver: IResolver): string | undefined;
}

const NO_RESOLVER: IResolver = { resolve: (value: unknown) => value };
