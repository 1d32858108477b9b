// Preloaded with --import: writes the URL of every module that is loaded on file descriptor 3.
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, next) => {
    writeSync(3, `${url}\n`);
    return next(url, context);
  },
});
