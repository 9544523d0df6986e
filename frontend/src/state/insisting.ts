import { ApiError } from '../api/api'

const pauses = [300, 1000, 3000]

/** Asks again where the answer was lost: for askings that have a name, which are done once however often they are asked. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await ask()
    } catch (err) {
      if (!(err instanceof ApiError) || err.status !== 0) throw err
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
  return ask()
}
