resource "coze_workspace" "desk" {
  name        = "客服空间"
  description = "售后与导购智能体，以及它们使用的知识库。"
  icon        = "${path.module}/icon.png"
}
