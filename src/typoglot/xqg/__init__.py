"""Cross-lingual query generation (Zhuang, Shou and Zuccon 2023): queries of many languages for each passage."""
