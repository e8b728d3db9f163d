data "coze_voice" "gentle" {
  name     = "温柔女声"
  language = "zh"
}
