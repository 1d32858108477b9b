import { KprError } from '../../core/KprError.ts';
import { versionFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { group, toggle } from '../Flag.ts';
import { formatFlag, generalFlags } from '../flags.ts';
import { speechOptions } from '../options.ts';

export const version = defineCommand({
  describe: 'Print the version, or the licences of what is in this executable',
  usage: 'version',
  examples: [
    ['The version', 'version'],
    ['The licences of everything in this executable', 'version --licenses'],
  ],
  flags: {
    ...group('What is printed', {
      licenses: toggle('Print the licences and notices of everything in this executable'),
    }),
    ...formatFlag(versionFormats),
    ...generalFlags,
  },
  formats: versionFormats,
  read: (given) => ({ ...speechOptions(given), licenses: given.licenses, format: given.output }),
  run: async ({ licenses, ...options }, context) => {
    if (!licenses) return (await import('../../app/printVersion.ts')).printVersion(options, context);
    context.io.stdout.write(await shippedNotices());
    return 0;
  },
});

async function shippedNotices(): Promise<string> {
  const { notices } = await import('../../terminal/notices.ts');
  const text = notices();
  if (text !== undefined) return text;
  throw new KprError(
    'The program runs from its sources, which hold nothing of others',
    'Licences of packages lie in node_modules; npm run package makes the executable and its notices',
  );
}
