import Palette from '@lucide/svelte/icons/palette'
import type { Component } from 'svelte'
import type { Desk } from '../../state/desk.svelte'
import type { Section } from '../../state/sections'
import AppearanceSettings from './AppearanceSettings.svelte'

interface Entry {
  icon: typeof Palette
  component: Component<{ desk: Desk }>
}

/** What is shown of each section: one line a section. */
export const registry: Record<Section, Entry> = {
  appearance: { icon: Palette, component: AppearanceSettings },
}
