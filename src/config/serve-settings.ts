import { z } from 'zod'
import { settingMeta, text, whole } from './setting.ts'

/** How `tracehold serve` is reached. */
export const serve = z.object({
  host: z
    .string()
    .regex(/^[\w.:%-]{1,255}$/)
    .default('127.0.0.1')
    .register(settingMeta, {
      description: 'Where `tracehold serve` listens; beyond this machine it wants a token.',
      env: ['TRACEHOLD_SERVE_HOST'],
      file: ['serve.host'],
      accepted: 'a host name or an IP address',
      kind: 'text',
    }),
  port: whole(0, 65_535, 4318, {
    description: 'Its port; 0 is any that is free.',
    env: ['TRACEHOLD_SERVE_PORT'],
    file: ['serve.port'],
  }),
  token: text(
    {
      description: 'What senders must give as `Authorization: Bearer …`.',
      env: ['TRACEHOLD_SERVE_TOKEN'],
      file: ['serve.token'],
      accepted: 'visible ASCII characters without spaces',
      secret: 'value',
    },
    checkToken,
  ),
})

function checkToken(token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('must be visible ASCII characters without spaces')
}
