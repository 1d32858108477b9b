import { KprError } from '../../core/KprError.ts';
import { visibleName } from '../../text/visible.ts';
import { failureText } from '../../text/failureText.ts';

const whatIsRead =
  'Give a capture (kubectl kpr capture -o FILE), a `cilium sysdump` (zip or unpacked folder) or the archive of one cilium-bugtool';

/** `-` is no name that a sentence can begin with. */
const archiveName = (file: string): string => (file === '-' ? 'Standard input' : visibleName(file));

export const noSuchFile = (file: string): KprError => new KprError(`There is no file ${archiveName(file)}`, whatIsRead);

export const unreadable = (file: string, cause: unknown): KprError =>
  new KprError(`${archiveName(file)} can't be read: ${failureText(cause)}`, 'Check the path and its permissions', {
    cause,
  });

export const emptyFile = (file: string): KprError =>
  new KprError(
    `${archiveName(file)} is empty (0 bytes)`,
    'It was probably not written or downloaded completely; fetch it again',
  );

/** `what`: what it looks like instead. */
export const notAnArchive = (file: string, what: string): KprError =>
  new KprError(`${archiveName(file)} is ${what}`, whatIsRead);

export const damaged = (file: string, cause: unknown): KprError =>
  new KprError(
    `${archiveName(file)} is damaged or incomplete: ${failureText(cause)}`,
    'Compare its size or checksum with the original and fetch it again',
    { cause },
  );

export const encrypted = (file: string): KprError =>
  new KprError(`${archiveName(file)} is encrypted`, 'Unpack it with its password and give the folder');

/** Nothing is ever unpacked to disk, but an archive that tries this was not made by the tool that it claims. */
export const suspicious = (file: string, what: string): KprError =>
  new KprError(
    `${archiveName(file)} is not trusted: ${what}`,
    'No sysdump and no capture holds such an entry; ask where the file comes from',
  );

export const tooLarge = (file: string, what: string): KprError =>
  new KprError(
    `${archiveName(file)} is not read: ${what}`,
    'That is more than any real archive; if it is genuine, unpack it, remove what is not needed and give the folder',
  );
