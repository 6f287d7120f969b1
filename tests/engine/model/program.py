"""The program of the machine that asks for activities, as a document."""

from __future__ import annotations

from typing import Final


DOCUMENT: Final = """
program: model
zone: UTC
money: {currency: EUR}
units:
  points: {kind: currency}
  miles: {kind: currency}
  qualifying_points: {kind: growth}
sinks: [redemption, donation, auction]
partners:
  hotel: {rate: 1}
pools:
  company: {units: [points, miles]}
  household: {units: [points], share: 1/3}
ladders:
  status:
    qualifying: {unit: qualifying_points}
    period: {kind: ROLLING, length: P3D}
    term: P2D
    grace: {length: P1D}
    demote: SEVERAL
    tiers:
      - {name: bronze, threshold: 0}
      - {name: silver, threshold: 20, retain: 10}
      - {name: gold, threshold: 50, retain: 30}
  travel:
    qualifying: {unit: miles}
    period: {kind: ROLLING, length: P3D}
    term: P2D
    grace: {length: P1D}
    demote: SEVERAL
    tiers:
      - {name: bronze, threshold: 0}
      - {name: silver, threshold: 10, retain: 6}
      - {name: gold, threshold: 25, retain: 15}
rules:
  purchase:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_money: {each: 100, points: 1}}
        remainder: CARRY
      - {unit: qualifying_points, points: {per_money: {each: 100, points: 1}}}
    caps: [daily]
  parcel:
    activities: [parcel]
    awards:
      - unit: miles
        points: {per_quantity: {points: 3}}
        first_time: {add: 5}
    pending: {until_event: received, cancel_after: P1D}
  review:
    activities: [review]
    awards: [{unit: points, points: {per_quantity: {points: 2}}}]
    claim: {within: P1D}
    budget: ads
  late:
    activities: [late]
    awards: [{unit: points, points: {per_quantity: {points: 5}}}]
    budget: words
  walk:
    activities: [walk]
    awards: [{unit: points, points: {per_quantity: {points: 4}}}]
    budget: each
caps:
  daily: {unit: points, window: {each: DAY}, bound: {points: 40}}
budgets:
  ads: {unit: points, prefunded: hotel}
  words: {unit: points, fixed: {points: 30, per: DAY}, overflow: QUEUE}
  each:
    unit: points
    per_member: {points: 12, per: DAY}
    overflow: LOWER_RATE
    lower_to: 1/2
"""
