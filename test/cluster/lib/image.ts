// image.ts ARCHIVE: writes an image archive that `ctr images import` takes. Each line of stdin is one image with one
// layer: its names (comma-separated), the folder that is its root, and its configuration as JSON, tab-separated.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The same folder gives the same image, whenever and by whomever it is packed.
const created = '2026-01-01T00:00:00Z';
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const [archive] = process.argv.slice(2);
if (archive === undefined) throw new Error('usage: image.ts ARCHIVE < images');

const work = mkdtempSync(join(tmpdir(), 'bed-image-'));
try {
  const images = readFileSync(0, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => addImage(line, `${index}.tar`));
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(images));
  execFileSync('tar', ['-C', work, '-cf', archive, '.']);
} finally {
  rmSync(work, { recursive: true });
}

function addImage(line: string, layer: string): { Config: string; RepoTags: string[]; Layers: string[] } {
  const [names, root, config] = line.split('\t');
  if (names === undefined || root === undefined || config === undefined) throw new Error(`not an image: ${line}`);
  const layerFile = join(work, layer);
  const reproducible = ['--owner=0', '--group=0', `--mtime=${created}`, '--sort=name'];
  execFileSync('tar', [...reproducible, '-C', root, '-cf', layerFile, '.']);
  const image = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created,
    config: JSON.parse(config),
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(layerFile))}`] },
    history: [{ created }],
  });
  const configFile = `${sha256(image)}.json`;
  writeFileSync(join(work, configFile), image);
  return { Config: configFile, RepoTags: names.split(','), Layers: [layer] };
}
