"""A scenario file that runs in a moment."""

SCENARIO = """# My own notes stay as they are.
format: 1
name: hearsay
title: {en: Hearsay, zh: 传闻}
story: {en: A test., zh: 测试。}
network: {n_users: 400}
messages:
  rumour: {arousal: .8, is_false: true, channels: {im: 1}}
seeding:
  - {message: rumour, count: 10}
horizon_days: 2
"""
